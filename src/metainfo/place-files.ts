import { distinctPaths } from './distinct-paths.ts';
import type { ListedFile } from './listed-file.ts';
import type { FileTree, Metainfo, MetainfoFile } from './metainfo.ts';
import { notATorrent } from './torrent-fault.ts';

/** The files of a content with their places in the whole. */
export interface PlacedFiles extends Pick<Metainfo, 'files' | 'length'> {
  /** As `MetainfoV2.trees`. */
  readonly trees: readonly (FileTree | undefined)[];
  /** Files that have another path than the torrent gives them. */
  readonly renamed: number;
}

/** Gives each file its place and a path of its own, and leaves symbolic links out. Throws NOT_A_TORRENT. */
export function placeFiles(listed: readonly ListedFile[]): PlacedFiles {
  const files: MetainfoFile[] = [];
  const trees: (FileTree | undefined)[] = [];
  const paths = distinctPaths(listed.filter(isNoPadding).map(({ path }) => path)).values();
  let offset = 0;
  let renamed = 0;
  for (const file of listed) {
    const { kind, written, length, executable, piecesRoot } = file;
    // Padding is never written, so it may have the path of anything.
    const path = isNoPadding(file) ? (paths.next().value ?? file.path) : file.path;
    if (kind === 'link') continue;
    files.push({ path, length, offset, executable, padding: kind === 'padding' });
    trees.push(piecesRoot && { piecesRoot, pieceLayer: undefined });
    if (kind === 'file' && !areEqual(path, written)) renamed++;
    offset += length;
    if (!Number.isSafeInteger(offset)) throw notATorrent('its files together are larger than 2^53 bytes');
  }
  if (files.every(({ padding }) => padding)) throw notATorrent('it describes no file');
  return { files, trees, length: offset, renamed };
}

function isNoPadding({ kind }: ListedFile): boolean {
  return kind !== 'padding';
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((part, depth) => part === other[depth]);
}

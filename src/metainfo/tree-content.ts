import { aligned, isPadding } from './alignment.ts';
import type { TreeFile } from './file-tree.ts';
import { type ContentFiles, paddingPath, refuseConflicts } from './info-files.ts';
import type { FileTree, MetainfoFile } from './metainfo.ts';
import { printableName } from './printable-name.ts';
import { notATorrent } from './torrent-fault.ts';

/**
 * The files of v2 alone, at their places: each starts a piece (BEP 52), so padding stands between them as a hybrid has
 * it, though no .torrent lists it. Throws NOT_A_TORRENT.
 */
export function placeTree(tree: readonly TreeFile[], name: string, pieceLength: number): ContentFiles {
  const isSingle = isSingleFile(tree, name);
  const files: MetainfoFile[] = [];
  let offset = 0;
  for (const part of aligned(tree, pieceLength)) {
    const { length } = part;
    if (isPadding(part))
      files.push({ path: paddingPath(length), length, offset, executable: false, padding: true });
    else
      files.push({
        path: isSingle ? [] : part.path,
        length,
        offset,
        executable: part.executable,
        padding: false,
      });
    offset += length;
    if (!Number.isSafeInteger(offset)) throw notATorrent('its files together are larger than 2^53 bytes');
  }
  if (!isSingle) refuseConflicts(tree.map(({ path }) => path));
  return { kind: isSingle ? 'file' : 'folder', files, length: offset };
}

/** The tree of each file, in the order of `files`, which `placeTree` made or `refuseMismatch` let pass. */
export function treesOf(
  files: readonly MetainfoFile[],
  tree: readonly TreeFile[],
): readonly (FileTree | undefined)[] {
  const roots = tree.values();
  return files.map(({ padding }) => {
    if (padding) return undefined;
    const { piecesRoot } = roots.next().value ?? {};
    return piecesRoot === undefined ? undefined : { piecesRoot, pieceLayer: undefined };
  });
}

/**
 * Throws NOT_A_TORRENT where the parts of a hybrid would give different files, or the same at different places: then a
 * piece of the one would not be a piece of the other.
 */
export function refuseMismatch(
  { files, kind, length }: ContentFiles,
  tree: readonly TreeFile[],
  name: string,
  pieceLength: number,
): void {
  const placed = placeTree(tree, name, pieceLength);
  const listed = files.filter(isContent);
  const places = placed.files.filter(isContent);
  if (listed.length !== tree.length)
    throw mismatch(`v1 has ${listed.length} files and v2 has ${tree.length}`);
  for (const [at, file] of listed.entries()) {
    const path = kind === 'file' ? [name] : file.path;
    const other = tree[at];
    if (other === undefined || !samePath(path, other.path))
      throw mismatch(`file ${at + 1} is ${shown(path)} in v1 and ${shown(other?.path ?? [])} in v2`);
    if (file.length !== other.length)
      throw mismatch(`${shown(path)} has ${file.length} bytes in v1 and ${other.length} in v2`);
    const offset = places[at]?.offset;
    if (file.length > 0 && file.offset !== offset)
      throw mismatch(`${shown(path)} starts at byte ${file.offset} in v1 and at ${offset} in v2`);
  }
  // Padding may fill the last piece.
  if (Math.ceil(length / pieceLength) !== Math.ceil(placed.length / pieceLength))
    throw mismatch('v1 has more padding');
}

function shown(path: readonly string[]): string {
  return `"${printableName(path.join('/'))}"`;
}

function isContent({ padding }: MetainfoFile): boolean {
  return !padding;
}

/** BEP 52: the tree of a single file has that file alone, under the name of the whole. */
export function isSingleFile(tree: readonly { readonly path: readonly string[] }[], name: string): boolean {
  const [only, ...others] = tree;
  return others.length === 0 && only !== undefined && samePath(only.path, [name]);
}

function samePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((part, depth) => part === other[depth]);
}

function mismatch(difference: string): ReturnType<typeof notATorrent> {
  return notATorrent(`its parts for v1 and v2 do not describe the same: ${difference}`);
}

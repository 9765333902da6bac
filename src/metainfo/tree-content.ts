import { aligned, isPadding } from './alignment.ts';
import type { FileList } from './info-files.ts';
import { type ListedFile, paddingEntry } from './listed-file.ts';
import { printableName } from './printable-name.ts';
import { notATorrent } from './torrent-fault.ts';

/**
 * The files of v2 with padding between them, so that each starts a piece (BEP 52): as a hybrid has it, though no
 * .torrent of v2 alone lists it.
 */
export function alignedTree(tree: readonly ListedFile[], pieceLength: number): readonly ListedFile[] {
  return [...aligned(tree, pieceLength)].map((part) => (isPadding(part) ? paddingEntry(part.length) : part));
}

/** BEP 52: the tree of a single file has that file alone, under the name of the whole. */
export function isSingleFile(tree: readonly { readonly path: readonly string[] }[], name: string): boolean {
  const [only, ...others] = tree;
  return others.length === 0 && only !== undefined && samePath(only.path, [name]);
}

/** The files as v1 lists them, with the roots that v2 has of them. */
export function withRoots(list: FileList, tree: readonly ListedFile[]): readonly ListedFile[] {
  const rooted = tree.values();
  return list.files.map((file) =>
    file.kind === 'padding' ? file : { ...file, piecesRoot: rooted.next().value?.piecesRoot },
  );
}

/**
 * Throws NOT_A_TORRENT where the parts of a hybrid would give different files, or the same at different places: then a
 * piece of the one would not be a piece of the other.
 */
export function refuseMismatch(
  list: FileList,
  tree: readonly ListedFile[],
  name: string,
  pieceLength: number,
): void {
  const listed = located(list.files).filter(isContent);
  const placed = alignedTree(tree, pieceLength);
  const places = located(placed).filter(isContent);
  if (listed.length !== places.length)
    throw mismatch(`v1 has ${listed.length} files and v2 has ${places.length}`);
  for (const [at, { file, offset }] of listed.entries()) {
    const path = list.kind === 'file' ? [name] : file.path;
    const other = places[at];
    if (other === undefined || !samePath(path, other.file.path))
      throw mismatch(`file ${at + 1} is ${shown(path)} in v1 and ${shown(other?.file.path ?? [])} in v2`);
    if (file.kind !== other.file.kind)
      throw mismatch(`${shown(path)} is a ${file.kind} in v1 and a ${other.file.kind} in v2`);
    if (file.length !== other.file.length)
      throw mismatch(`${shown(path)} has ${file.length} bytes in v1 and ${other.file.length} in v2`);
    if (file.length > 0 && offset !== other.offset)
      throw mismatch(`${shown(path)} starts at byte ${offset} in v1 and at ${other.offset} in v2`);
  }
  refuseOtherPadding(list.files, placed, pieceLength);
}

/**
 * One padding where v2 needs one, and behind the last byte all that the last piece has room for, or none. libtorrent
 * writes the latter only where files without a byte follow.
 */
function refuseOtherPadding(
  listed: readonly ListedFile[],
  placed: readonly ListedFile[],
  pieceLength: number,
): void {
  const lastWithBytes = listed.findLastIndex(({ kind, length }) => kind !== 'padding' && length > 0);
  const tail = listed.slice(lastWithBytes + 1).filter(({ kind }) => kind === 'padding');
  const room = (pieceLength - (lengthOf(placed) % pieceLength)) % pieceLength;
  const isFilled = tail.length === 0 || (tail.length === 1 && lengthOf(tail) === room);
  if (!isFilled || countPadding(listed) !== countPadding(placed) + tail.length)
    throw mismatch('v1 has another padding');
}

interface Located {
  readonly file: ListedFile;
  readonly offset: number;
}

function located(files: readonly ListedFile[]): readonly Located[] {
  let offset = 0;
  return files.map((file) => {
    const place = { file, offset };
    offset += file.length;
    return place;
  });
}

function isContent({ file }: Located): boolean {
  return file.kind !== 'padding';
}

function countPadding(files: readonly ListedFile[]): number {
  return files.filter(({ kind }) => kind === 'padding').length;
}

function lengthOf(files: readonly ListedFile[]): number {
  return files.reduce((sum, { length }) => sum + length, 0);
}

function shown(path: readonly string[]): string {
  return `"${printableName(path.join('/'))}"`;
}

function samePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((part, depth) => part === other[depth]);
}

function mismatch(difference: string): ReturnType<typeof notATorrent> {
  return notATorrent(`its parts for v1 and v2 do not describe the same: ${difference}`);
}

import { MAX_FILES, MAX_PATH_DEPTH } from '../limits.ts';
import type { Bencoded } from './bencode.ts';
import { isSymbolicLink, readAttributes, readLength, safePath } from './info-fields.ts';
import { TREE_HASH_BYTES } from './merkle.ts';
import { printableName } from './printable-name.ts';
import { notATorrent, unsafeName } from './torrent-fault.ts';

/** A file as the tree of v2 has it (BEP 52). */
export interface TreeFile {
  /** From the root of the tree: a single file has its own name here. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  readonly executable: boolean;
  /** 32 bytes; undefined for a file without a byte. */
  readonly piecesRoot: Uint8Array | undefined;
}

/**
 * The files of an info dictionary's "file tree", in the order they stand. Symbolic links are left out, as in v1.
 * Throws NOT_A_TORRENT or UNSAFE_NAME.
 */
export function readFileTree(info: Bencoded): readonly TreeFile[] {
  const tree = info.field('file tree');
  if (tree === undefined) throw notATorrent('the key "file tree" is missing');
  const files: TreeFile[] = [];
  for (const file of walk(tree, [])) {
    if (files.length === MAX_FILES) throw notATorrent(`it has more than ${MAX_FILES} files`);
    files.push(file);
  }
  if (files.length === 0) throw notATorrent('it describes no file');
  return files;
}

function* walk(folder: Bencoded, path: readonly string[]): Generator<TreeFile> {
  if (folder.kind !== 'dictionary') throw notATorrent(`${shown(path)} in its file tree is no dictionary`);
  for (const [key, child] of folder.entries()) {
    const childPath = [...path, nameIn(key)];
    if (childPath.length > MAX_PATH_DEPTH)
      throw unsafeName(`${shown(path.slice(0, 3))} leads deeper than ${MAX_PATH_DEPTH} folders`);
    if (isFile(child, childPath)) yield* readFile(child, childPath);
    else yield* walk(child, childPath);
  }
}

function nameIn(key: Uint8Array): string {
  if (key.length === 0) throw notATorrent('a name in its file tree is empty');
  const name = decodeName(key);
  safePath([name]);
  return name;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** BEP 52 knows names in UTF-8 only. */
function decodeName(key: Uint8Array): string {
  try {
    return utf8.decode(key);
  } catch {
    throw notATorrent('a name in its file tree is not UTF-8');
  }
}

/** A file is a dictionary whose one key is the empty string. */
function isFile(node: Bencoded, path: readonly string[]): boolean {
  if (node.field('') === undefined) return false;
  if ([...node.entries()].length > 1)
    throw notATorrent(`${shown(path)} in its file tree is a file and a folder at once`);
  return true;
}

function* readFile(node: Bencoded, path: readonly string[]): Generator<TreeFile> {
  const entry = node.field('');
  if (entry?.kind !== 'dictionary') throw notATorrent(`${shown(path)} in its file tree is no dictionary`);
  if (isSymbolicLink(entry)) return;
  const attributes = readAttributes(entry);
  if (attributes.includes('p')) throw notATorrent(`${shown(path)} in its file tree is padding`);
  const length = readLength(entry);
  const piecesRoot = length === 0 ? undefined : readRoot(entry, path);
  yield { path, length, executable: attributes.includes('x'), piecesRoot };
}

function readRoot(entry: Bencoded, path: readonly string[]): Uint8Array {
  const field = entry.field('pieces root');
  if (field === undefined) throw notATorrent(`${shown(path)} has no pieces root`);
  const { bytes } = field;
  if (bytes?.length !== TREE_HASH_BYTES || bytes.every((byte) => byte === 0))
    throw notATorrent(`the pieces root of ${shown(path)} is no SHA-256`);
  return bytes;
}

function shown(path: readonly string[]): string {
  return path.length === 0 ? 'the root' : `"${printableName(path.join('/'))}"`;
}

import type { Bencoded } from './bencode.ts';
import type { TextReader } from './info-fields.ts';
import { type ListedFile, readAttributes, readKind, readLength, refuseTooMany } from './listed-file.ts';
import { TREE_HASH_BYTES } from './merkle.ts';
import { printableName } from './printable-name.ts';
import { safeNamePart, safePath } from './safe-path.ts';
import { notATorrent } from './torrent-fault.ts';

/**
 * The files of an info dictionary's "file tree" (BEP 52), in the order they stand. A single file has its own name as
 * path here. Throws NOT_A_TORRENT or UNSAFE_NAME.
 */
export function readFileTree(info: Bencoded, readText: TextReader): readonly ListedFile[] {
  const tree = info.field('file tree');
  if (tree?.kind !== 'dictionary') throw notATorrent('the key "file tree" is missing');
  const files: ListedFile[] = [];
  for (const file of walk(tree, [], readText)) {
    refuseTooMany(files);
    files.push(file);
  }
  const [only] = files;
  if (files.length === 1 && only?.written.length === 1 && safeNamePart(only.written[0] ?? '') === '')
    throw notATorrent('its name is none that a file can have');
  return files;
}

/** No deeper than bencode may be. */
function* walk(folder: Bencoded, path: readonly string[], readText: TextReader): Generator<ListedFile> {
  if (folder.kind !== 'dictionary') throw notATorrent(`${shown(path)} in its file tree is no dictionary`);
  for (const [key, child] of folder.entries()) {
    if (key.length === 0) throw notATorrent('a name in its file tree is empty');
    // As libtorrent does before anything else.
    const name = readText(key)?.replace(/^\/+/, '') ?? '';
    const childPath = [...path, name];
    if (isFile(child, childPath)) yield readFile(child, childPath);
    else yield* walk(child, childPath, readText);
  }
}

/** A file is a dictionary whose one key is the empty string. */
function isFile(node: Bencoded, path: readonly string[]): boolean {
  if (node.field('') === undefined) return false;
  if ([...node.entries()].length > 1)
    throw notATorrent(`${shown(path)} in its file tree is a file and a folder at once`);
  return true;
}

function readFile(node: Bencoded, written: readonly string[]): ListedFile {
  const entry = node.field('');
  if (entry?.kind !== 'dictionary') throw notATorrent(`${shown(written)} in its file tree is no dictionary`);
  const attributes = readAttributes(entry);
  if (attributes.includes('p')) throw notATorrent(`${shown(written)} in its file tree is padding`);
  const length = readLength(entry, attributes);
  return {
    kind: readKind(entry, attributes),
    written,
    path: safePath(written),
    length,
    executable: attributes.includes('x'),
    piecesRoot: length === 0 ? undefined : readRoot(entry, written),
  };
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

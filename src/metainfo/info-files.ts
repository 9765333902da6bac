import { MAX_FILES } from '../limits.ts';
import type { Bencoded } from './bencode.ts';
import { isSymbolicLink, readAttributes, readLength, safePath, type TextReader } from './info-fields.ts';
import type { Metainfo, MetainfoFile } from './metainfo.ts';
import { findConflict } from './path-order.ts';
import { printableName } from './printable-name.ts';
import { notATorrent } from './torrent-fault.ts';

/** The files of a content with their places in the whole. */
export type ContentFiles = Pick<Metainfo, 'kind' | 'files' | 'length'>;

/** The name of the file or folder; `name.utf-8` is an old convention beside it. Throws as `parseInfo`. */
export function readName(info: Bencoded, readText: TextReader): string {
  const name = readText(info.field('name.utf-8')) ?? readText(info.field('name'));
  if (name === undefined) throw notATorrent('the key "name" is missing');
  return safePath([name])[0] ?? '';
}

/** The files as v1 lists them. Throws as `parseInfo`. */
export function readContent(info: Bencoded, readText: TextReader): ContentFiles {
  const list = info.field('files');
  const single = info.field('length');
  if (list !== undefined && single !== undefined)
    throw notATorrent('it describes a file and a folder at once');
  if (list !== undefined) return readFolder(list, readText);
  if (single !== undefined) return readSingleFile(info);
  throw notATorrent('the keys "length" and "files" are missing');
}

/** The same path twice, or a file where a folder is. Throws NOT_A_TORRENT. */
export function refuseConflicts(paths: readonly (readonly string[])[]): void {
  const conflict = findConflict(paths);
  if (conflict === undefined) return;
  const [one, other] = conflict.map((path) => printableName(path.join('/')));
  if (one === other) throw notATorrent(`it has the file "${one}" twice`);
  throw notATorrent(`"${one}" is a file and the folder of "${other}"`);
}

function readSingleFile(info: Bencoded): ContentFiles {
  const length = readLength(info);
  const executable = readAttributes(info).includes('x');
  return { kind: 'file', files: [{ path: [], length, offset: 0, executable, padding: false }], length };
}

function readFolder(list: Bencoded, readText: TextReader): ContentFiles {
  if (list.kind !== 'list') throw notATorrent('its "files" is no list');
  const files: MetainfoFile[] = [];
  let length = 0;
  for (const entry of list.items()) {
    if (entry.kind !== 'dictionary') throw notATorrent('one of its files is no dictionary');
    if (isSymbolicLink(entry)) continue;
    if (files.length === MAX_FILES) throw notATorrent(`it has more than ${MAX_FILES} files`);
    const file = readFile(entry, length, readText);
    files.push(file);
    length += file.length;
    if (!Number.isSafeInteger(length)) throw notATorrent('its files together are larger than 2^53 bytes');
  }
  const listed = files.filter((file) => !file.padding);
  if (listed.length === 0) throw notATorrent('it describes no file');
  // Padding is never written, and libtorrent gives all padding of one size the same path.
  refuseConflicts(listed.map((file) => file.path));
  return { kind: 'folder', files, length };
}

function readFile(entry: Bencoded, offset: number, readText: TextReader): MetainfoFile {
  const attributes = readAttributes(entry);
  const padding = attributes.includes('p');
  const length = readLength(entry);
  const path = padding ? paddingPath(length) : readPath(entry, readText);
  return { path, length, offset, executable: attributes.includes('x'), padding };
}

/** What BEP 47 recommends: some programs leave the path of padding out, and it is never written anyway. */
export function paddingPath(length: number): readonly string[] {
  return ['.pad', String(length)];
}

function readPath(entry: Bencoded, readText: TextReader): readonly string[] {
  const field = entry.field('path.utf-8') ?? entry.field('path');
  const path = [...(field?.items() ?? [])].map((part) => {
    const text = readText(part);
    if (text === undefined) throw notATorrent('the path of a file is no list of names');
    return text;
  });
  if (path.length === 0) throw notATorrent('the path of a file is missing');
  return safePath(path);
}

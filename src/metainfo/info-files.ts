import { MAX_FILES } from '../limits.ts';
import type { Bencoded } from './bencode.ts';
import type { Metainfo, MetainfoFile } from './metainfo.ts';
import { findConflict } from './path-order.ts';
import { printableName } from './printable-name.ts';
import { pathFault } from './safe-name.ts';
import { notATorrent, unsafeName } from './torrent-fault.ts';

/** The name of the file or folder; `name.utf-8` is an old convention beside it. Throws as `parseInfo`. */
export function readName(info: Bencoded): string {
  const name = nameText(info.field('name.utf-8')) ?? nameText(info.field('name'));
  if (name === undefined) throw notATorrent('the key "name" is missing');
  return safePath([name])[0] ?? '';
}

/** The files with their places in the whole. Throws as `parseInfo`. */
export function readContent(info: Bencoded): Pick<Metainfo, 'kind' | 'files' | 'length'> {
  const list = info.field('files');
  const single = info.field('length');
  if (list !== undefined && single !== undefined)
    throw notATorrent('it describes a file and a folder at once');
  if (list !== undefined) return readFolder(list);
  if (single !== undefined) return readSingleFile(info);
  throw notATorrent('the keys "length" and "files" are missing');
}

function readSingleFile(info: Bencoded): Pick<Metainfo, 'kind' | 'files' | 'length'> {
  const length = readLength(info);
  const executable = attributes(info).includes('x');
  return { kind: 'file', files: [{ path: [], length, offset: 0, executable, padding: false }], length };
}

function readFolder(list: Bencoded): Pick<Metainfo, 'kind' | 'files' | 'length'> {
  if (list.kind !== 'list') throw notATorrent('its "files" is no list');
  const files: MetainfoFile[] = [];
  let length = 0;
  for (const entry of list.items()) {
    const file = readFile(entry, length);
    if (file === undefined) continue;
    if (files.length === MAX_FILES) throw notATorrent(`it has more than ${MAX_FILES} files`);
    files.push(file);
    length += file.length;
    if (!Number.isSafeInteger(length)) throw notATorrent('its files together are larger than 2^53 bytes');
  }
  if (files.length === 0) throw notATorrent('it describes no file');
  refuseConflicts(files);
  return { kind: 'folder', files, length };
}

/**
 * Undefined for a symbolic link (BEP 47), which has no content: it is left out, as it could point anywhere.
 */
function readFile(entry: Bencoded, offset: number): MetainfoFile | undefined {
  if (entry.kind !== 'dictionary') throw notATorrent('one of its files is no dictionary');
  const attr = attributes(entry);
  if (attr.includes('l')) {
    if ((entry.field('length')?.integer ?? 0) !== 0)
      throw notATorrent('one of its symbolic links has a content');
    return undefined;
  }
  const length = readLength(entry);
  const path = readPath(entry);
  return { path, length, offset, executable: attr.includes('x'), padding: attr.includes('p') };
}

function readLength(entry: Bencoded): number {
  const field = entry.field('length');
  if (field === undefined) throw notATorrent('the length of a file is missing');
  const length = field.integer;
  if (length === undefined || length < 0) throw notATorrent('the length of a file is no size');
  return length;
}

function readPath(entry: Bencoded): readonly string[] {
  const field = entry.field('path.utf-8') ?? entry.field('path');
  const path = [...(field?.items() ?? [])].map((part) => {
    const text = nameText(part);
    if (text === undefined) throw notATorrent('the path of a file is no list of names');
    return text;
  });
  if (path.length === 0) throw notATorrent('the path of a file is missing');
  return safePath(path);
}

function safePath(path: readonly string[]): readonly string[] {
  const fault = pathFault(path);
  if (fault !== undefined) throw unsafeName(fault);
  return path;
}

/** Padding is never written, and libtorrent gives all padding of one size the same path. */
function refuseConflicts(files: readonly MetainfoFile[]): void {
  const conflict = findConflict(files.filter((file) => !file.padding).map((file) => file.path));
  if (conflict === undefined) return;
  const [one, other] = conflict.map((path) => printableName(path.join('/')));
  if (one === other) throw notATorrent(`it has the file "${one}" twice`);
  throw notATorrent(`"${one}" is a file and the folder of "${other}"`);
}

/** BEP 47: `x` executable, `p` padding, `l` symbolic link, `h` hidden. */
function attributes(entry: Bencoded): string {
  return entry.field('attr')?.text ?? '';
}

/** Names are UTF-8 (BEP 3); older ones come in a code page nobody names, so each byte becomes one character. */
function nameText(value: Bencoded | undefined): string | undefined {
  if (value?.bytes === undefined) return undefined;
  return value.text ?? new TextDecoder('windows-1252').decode(value.bytes);
}

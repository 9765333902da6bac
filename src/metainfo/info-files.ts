import { MAX_PATH_PARTS_WRITTEN } from '../limits.ts';
import type { Bencoded } from './bencode.ts';
import type { TextReader, WrittenName } from './info-fields.ts';
import {
  type ListedFile,
  paddingPath,
  readAttributes,
  readKind,
  readLength,
  refuseTooMany,
} from './listed-file.ts';
import { safePath } from './safe-path.ts';
import { notATorrent } from './torrent-fault.ts';

/** The files as v1 lists them. */
export interface FileList {
  readonly kind: 'file' | 'folder';
  readonly files: readonly ListedFile[];
}

/** Whether an info dictionary describes its files as v1 does. */
export function hasFileList(info: Bencoded): boolean {
  const list = info.field('files');
  return list?.kind === 'list' ? list.items().next().done !== true : info.field('length') !== undefined;
}

/** Where there are a file and a folder at once, the folder counts. Throws as `parseInfo`. */
export function readFileList(info: Bencoded, name: WrittenName, readText: TextReader): FileList {
  const list = info.field('files');
  if (list?.kind === 'list') return { kind: 'folder', files: readFolder(list, readText) };
  if (info.field('length') !== undefined) return { kind: 'file', files: [readSingleFile(info, name)] };
  if (list !== undefined) throw notATorrent('its "files" is no list');
  throw notATorrent('the keys "length" and "files" are missing');
}

function readSingleFile(info: Bencoded, { written, safe }: WrittenName): ListedFile {
  if (written === '') throw notATorrent('its name is empty');
  if (safe === undefined) throw notATorrent('its name is none that a file can have');
  const attributes = readAttributes(info);
  const length = readLength(info, attributes);
  const executable = attributes.includes('x');
  return { kind: 'file', written: [], path: [], length, executable, piecesRoot: undefined };
}

function readFolder(list: Bencoded, readText: TextReader): readonly ListedFile[] {
  const files: ListedFile[] = [];
  for (const entry of list.items()) {
    if (entry.kind !== 'dictionary') throw notATorrent('one of its files is no dictionary');
    refuseTooMany(files);
    files.push(readFile(entry, readText));
  }
  return files;
}

function readFile(entry: Bencoded, readText: TextReader): ListedFile {
  const attributes = readAttributes(entry);
  const length = readLength(entry, attributes);
  const written = readPath(entry, readText);
  const isPadding = attributes.includes('p');
  if (written.length === 0 && !isPadding) throw notATorrent('the path of a file is missing');
  return {
    kind: isPadding ? 'padding' : readKind(entry, attributes),
    written,
    path: isPadding ? paddingPath(length) : safePath(written),
    length,
    executable: attributes.includes('x'),
    piecesRoot: undefined,
  };
}

/** Empty where there is none; of millions of parts only as many as are too many. */
function readPath(entry: Bencoded, readText: TextReader): readonly string[] {
  const utf8 = entry.field('path.utf-8');
  const field = utf8?.kind === 'list' ? utf8 : entry.field('path');
  const path: string[] = [];
  for (const part of field?.items() ?? []) {
    const text = readText(part);
    if (text === undefined) throw notATorrent('the path of a file is no list of names');
    if (path.push(text) > MAX_PATH_PARTS_WRITTEN) break;
  }
  return path;
}

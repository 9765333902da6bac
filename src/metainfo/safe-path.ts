import type { LanshareError } from '../errors.ts';
import { MAX_PATH_DEPTH, MAX_PATH_PART_BYTES, MAX_PATH_PARTS_WRITTEN } from '../limits.ts';
import { printableName } from './printable-name.ts';
import { type NamePlatform, safeOnWindows } from './safe-name.ts';
import { unsafeName } from './torrent-fault.ts';

/** What is cut from a name that is too long leaves so much of it, and an extension of up to nine bytes. */
const CUT_NAME_BYTES = 240;
const MAX_EXTENSION_BYTES = 9;

/** Separators, NUL, and the marks that turn the direction of text (Unicode UAX #9): `gpj.exe` would look like `exe.jpg`. */
const LEFT_OUT = /[/\\\0\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const REPLACED = /[\p{Cc}\p{Cs}]/gu;

/**
 * A path as a .torrent writes it, made one that stays below its folder: what names a way out, and what nothing is left
 * of, is dropped. The same rules give the same names wherever the .torrent is read, and those that libtorrent gives them
 * (`sanitize_append_path_element`), so that what another client has downloaded is found. A name that a file system of
 * ours can hold stays as it is. Throws UNSAFE_NAME where the path is too deep.
 */
export function safePath(
  path: readonly string[],
  platform: NamePlatform = process.platform,
): readonly string[] {
  if (path.length > MAX_PATH_PARTS_WRITTEN) throw tooDeep(path);
  const names = path.map((part) => safeNamePart(part, platform));
  const parts = names.includes('') ? names.filter((name) => name !== '') : names;
  if (parts.length > MAX_PATH_DEPTH) throw tooDeep(path);
  return parts.length === 0 ? ['_'] : parts;
}

/** One part of a path that `namePartFault` has nothing against; empty where nothing is left of it. */
export function safeNamePart(part: string, platform: NamePlatform = process.platform): string {
  if (part === '') return '_';
  const kept = part.replace(LEFT_OUT, '');
  if (kept === '' || kept === '.' || kept === '..') return '';
  const short = Buffer.byteLength(kept) > MAX_PATH_PART_BYTES ? cutName(kept, CUT_NAME_BYTES) : kept;
  const name = short.replace(REPLACED, '_').replace(/^([a-z]):$/i, '$1_');
  return platform === 'win32' ? safeOnWindows(name) : name;
}

/** The beginning of a name, `bytes` of it or what the last character takes more, and its extension where that is short. */
export function cutName(name: string, bytes: number): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  let stem = '';
  let length = 0;
  for (const character of name) {
    if (length >= bytes) break;
    stem += character;
    length += Buffer.byteLength(character);
  }
  const isShort = Buffer.byteLength(extension) <= MAX_EXTENSION_BYTES;
  return isShort && dot >= stem.length ? stem + extension : stem;
}

function tooDeep(path: readonly string[]): LanshareError {
  const shown = printableName(path.slice(0, 3).join('/'));
  return unsafeName(`the path "${shown}/..." is deeper than ${MAX_PATH_DEPTH} folders`);
}

import type { Bencoded } from './bencode.ts';
import { pathFault } from './safe-name.ts';
import { notATorrent, unsafeName } from './torrent-fault.ts';

/** Bytes of a file. Throws NOT_A_TORRENT. */
export function readLength(entry: Bencoded): number {
  const field = entry.field('length');
  if (field === undefined) throw notATorrent('the length of a file is missing');
  const length = field.integer;
  if (length === undefined || length < 0) throw notATorrent('the length of a file is no size');
  return length;
}

/** BEP 47: `x` executable, `p` padding, `l` symbolic link, `h` hidden. */
export function readAttributes(entry: Bencoded): string {
  return entry.field('attr')?.text ?? '';
}

/** A symbolic link has no content: it is left out, as it could point anywhere. Throws NOT_A_TORRENT where it has. */
export function isSymbolicLink(entry: Bencoded): boolean {
  if (!readAttributes(entry).includes('l')) return false;
  if ((entry.field('length')?.integer ?? 0) !== 0)
    throw notATorrent('one of its symbolic links has a content');
  return true;
}

/** Throws UNSAFE_NAME where a part is no name for a file. */
export function safePath(path: readonly string[]): readonly string[] {
  const fault = pathFault(path);
  if (fault !== undefined) throw unsafeName(fault);
  return path;
}

type CodePage = InstanceType<typeof TextDecoder>;

/** Reads a text; undefined where the value is none. */
export type TextReader = (value: Bencoded | undefined) => string | undefined;

/**
 * Texts are UTF-8 (BEP 3). Older ones come in the code page that the .torrent's key "encoding" names, or in one nobody
 * names: then each byte becomes one character.
 */
export function textReader(encoding: string | undefined): TextReader {
  let decoder: CodePage | undefined;
  return (value) => {
    const bytes = value?.bytes;
    if (bytes === undefined) return undefined;
    decoder ??= codePage(encoding);
    return value?.text ?? decoder.decode(bytes);
  };
}

function codePage(encoding: string | undefined): CodePage {
  try {
    // Who says UTF-8 and writes something else cannot be believed.
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) return new TextDecoder(encoding);
  } catch {
    // Nobody knows that name.
  }
  return new TextDecoder('windows-1252');
}

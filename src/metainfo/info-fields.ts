import type { Bencoded } from './bencode.ts';
import { safeNamePart } from './safe-path.ts';
import { notATorrent } from './torrent-fault.ts';

/** What a content is called in its info dictionary. */
export interface WrittenName {
  readonly written: string;
  /** The same, made safe; undefined where nothing is left of it. */
  readonly safe: string | undefined;
}

/** The name of the file or folder; `name.utf-8` is an old convention beside it. Throws NOT_A_TORRENT. */
export function readName(info: Bencoded, readText: TextReader): WrittenName {
  const written = readText(info.field('name.utf-8')) ?? readText(info.field('name'));
  if (written === undefined) throw notATorrent('the key "name" is missing');
  return { written, safe: safeNamePart(written) || undefined };
}

type CodePage = InstanceType<typeof TextDecoder>;

/** Reads a text; undefined where the value is none. */
export type TextReader = (value: Bencoded | Uint8Array | undefined) => string | undefined;

/**
 * Texts are UTF-8 (BEP 3). Older ones come in the code page that the .torrent's key "encoding" names, or in one nobody
 * names: then each byte becomes one character.
 */
export function textReader(encoding: string | undefined): TextReader {
  let decoder: CodePage | undefined;
  return (value) => {
    const bytes = value instanceof Uint8Array ? value : value?.bytes;
    if (bytes === undefined) return undefined;
    const text = decodeUtf8(bytes);
    if (text !== undefined) return text;
    decoder ??= codePage(encoding);
    return decoder.decode(bytes);
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
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

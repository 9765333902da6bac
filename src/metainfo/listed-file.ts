import { MAX_FILE_BYTES, MAX_FILES } from '../limits.ts';
import type { Bencoded } from './bencode.ts';
import { notATorrent } from './torrent-fault.ts';

/** An entry in a torrent's list of files, v1's or v2's, before it has its place in the content. */
export interface ListedFile {
  /** `link`: a symbolic link (BEP 47). It has no content, and lanshare makes none. */
  readonly kind: 'file' | 'padding' | 'link';
  /** As it stands in the torrent. */
  readonly written: readonly string[];
  /** The same, made safe; others may have it, too. Empty for a single file. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  readonly executable: boolean;
  /** 32 bytes; undefined in v1, and for a file without a byte. */
  readonly piecesRoot: Uint8Array | undefined;
}

/** What BEP 47 recommends: some programs leave the path of padding out, and it is never written anyway. */
export function paddingPath(length: number): readonly string[] {
  return ['.pad', String(length)];
}

export function paddingEntry(length: number): ListedFile {
  const path = paddingPath(length);
  return { kind: 'padding', written: path, path, length, executable: false, piecesRoot: undefined };
}

/** BEP 47: `x` executable, `p` padding, `l` symbolic link, `h` hidden. */
export function readAttributes(entry: Bencoded): string {
  const bytes = entry.field('attr')?.bytes;
  return bytes === undefined ? '' : Buffer.from(bytes).toString('latin1');
}

/** Bytes of a file; a symbolic link has none, whatever it says. Throws NOT_A_TORRENT. */
export function readLength(entry: Bencoded, attributes: string): number {
  if (attributes.includes('l')) return 0;
  const field = entry.field('length');
  if (field === undefined) throw notATorrent('the length of a file is missing');
  const length = field.integer;
  if (length === undefined || length < 0) throw notATorrent('the length of a file is no size');
  if (length > MAX_FILE_BYTES) throw notATorrent('one of its files is larger than 16 TiB');
  return length;
}

/** A symbolic link names its target in a list; else it is a file without a byte. Throws NOT_A_TORRENT. */
export function readKind(entry: Bencoded, attributes: string): 'file' | 'link' {
  const target = entry.field('symlink path');
  if (!attributes.includes('l') || target?.kind !== 'list') return 'file';
  if ([...target.items()].some((part) => part.kind !== 'string'))
    throw notATorrent('the target of one of its symbolic links is no list of names');
  return 'link';
}

/** Throws NOT_A_TORRENT where another entry would be more than a content may have. */
export function refuseTooMany(files: readonly ListedFile[]): void {
  if (files.length === MAX_FILES) throw notATorrent(`it has more than ${MAX_FILES} files`);
}

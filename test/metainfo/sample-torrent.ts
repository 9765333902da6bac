import { createHash } from 'node:crypto';
import { type BencodeInput, encodeBencode } from '../../src/metainfo/bencode.ts';

export type Keys = { readonly [key: string]: BencodeInput | undefined };

/** A .torrent of one file of 40,000 bytes; `info` and `beside` change, add or (undefined) remove keys. */
export function fileTorrent(info: Keys = {}, beside: Keys = {}): Uint8Array {
  return torrentOf({ length: 40_000, ...info }, beside);
}

/** A .torrent of a folder whose files are 40,000 bytes together, unless `info` says otherwise. */
export function folderTorrent(files: BencodeInput, info: Keys = {}): Uint8Array {
  return torrentOf({ files, ...info });
}

/** An entry of `files` in an info dictionary. */
export function entry(path: BencodeInput, length: BencodeInput = 40_000, more: Keys = {}): Keys {
  return { path, length, ...more };
}

function torrentOf(info: Keys, beside: Keys = {}): Uint8Array {
  const pieces = Buffer.alloc(3 * 20, 7);
  return encodeBencode({ info: { name: 'sample', 'piece length': 16_384, pieces, ...info }, ...beside });
}

export function sha1Hex(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

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

/** A .torrent of v2 alone (BEP 52) with 16 KiB pieces; `info` and `beside` change, add or remove keys. */
export function torrentOfV2(fileTree: BencodeInput, info: Keys = {}, beside: Keys = {}): Uint8Array {
  const common = { name: 'sample', 'piece length': 16_384, 'meta version': 2 };
  return encodeBencode({
    info: { ...common, 'file tree': fileTree, ...info },
    'piece layers': {},
    ...beside,
  });
}

/** A file in a file tree. */
export function leaf(keys: Keys): Keys {
  return { '': keys };
}

function torrentOf(info: Keys, beside: Keys = {}): Uint8Array {
  const pieces = Buffer.alloc(3 * 20, 7);
  return encodeBencode({ info: { name: 'sample', 'piece length': 16_384, pieces, ...info }, ...beside });
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function sha1Hex(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

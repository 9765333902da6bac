import {
  DEFAULT_PIECE_LENGTH_MAX_BYTES,
  DEFAULT_PIECE_LENGTH_MIN_BYTES,
  DEFAULT_PIECES_TARGET,
} from '../limits.ts';
import { type BencodeInput, encodeBencode } from './bencode.ts';
import type { Metainfo } from './metainfo.ts';
import { comparePaths } from './path-order.ts';

/** What an info dictionary is made of. */
export interface InfoDescription {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** In the order of their bytes in the content. A single file has an empty path. */
  readonly files: readonly DescribedFile[];
  /** Bytes. */
  readonly pieceLength: number;
  /** 20 bytes a piece. */
  readonly pieceHashes: Uint8Array;
}

export interface DescribedFile {
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  readonly executable: boolean;
}

/** What stands beside the info dictionary and does not change the info-hash. */
export interface TorrentDetails {
  readonly createdBy?: string;
  readonly comment?: string;
  /** Seconds since 1970. */
  readonly creationDate?: number;
  /** Tracker tiers (BEP 12). */
  readonly trackers?: readonly (readonly string[])[];
}

/**
 * The order in which a folder's files are to be hashed and described, so that the same folder gives the same
 * info-hash on every machine.
 */
export function inContentOrder<T extends { readonly path: readonly string[] }>(files: readonly T[]): T[] {
  return files.toSorted((one, other) => comparePaths(one.path, other.path));
}

/**
 * The bencoded info dictionary (BEP 3, attribute `x` of BEP 47). The same description gives the same bytes.
 * What the names and sizes may be is for `parseInfo` to say.
 */
export function buildInfo(description: InfoDescription): Uint8Array {
  const { name, kind, files, pieceLength, pieceHashes } = description;
  const common = { name, 'piece length': pieceLength, pieces: pieceHashes };
  if (kind === 'folder') return encodeBencode({ ...common, files: files.map(folderEntry) });
  const [file] = files;
  if (file === undefined || files.length > 1) throw new RangeError('a single-file content has one file');
  return encodeBencode({ ...common, ...sizeAndAttributes(file) });
}

/** A .torrent around an info dictionary, whose bytes stay as they are. */
export function buildTorrent(metainfo: Metainfo, details: TorrentDetails = {}): Uint8Array {
  const { createdBy, comment, creationDate, trackers = [] } = details;
  const beside = encodeBencode({
    announce: trackers[0]?.[0],
    'announce-list': trackers.length > 0 ? trackers : undefined,
    comment,
    'created by': createdBy,
    'creation date': creationDate,
  });
  // "info" sorts behind all keys above, so it goes before the dictionary's last "e".
  return Buffer.concat([beside.subarray(0, -1), Buffer.from('4:info'), metainfo.infoBytes, Buffer.from('e')]);
}

/** Doubles until there are no more than DEFAULT_PIECES_TARGET pieces, within 256 KiB to 16 MiB. */
export function choosePieceLength(contentLength: number): number {
  let pieceLength = DEFAULT_PIECE_LENGTH_MIN_BYTES;
  while (
    pieceLength < DEFAULT_PIECE_LENGTH_MAX_BYTES &&
    contentLength > pieceLength * DEFAULT_PIECES_TARGET
  ) {
    pieceLength *= 2;
  }
  return pieceLength;
}

function folderEntry(file: DescribedFile): BencodeInput {
  return { path: file.path, ...sizeAndAttributes(file) };
}

function sizeAndAttributes(file: DescribedFile): { length: number; attr: string | undefined } {
  return { length: file.length, attr: file.executable ? 'x' : undefined };
}

import { crc32 } from 'node:zlib';
import {
  type InfoHash,
  infoHashFromBytes,
  infoHashToBytes,
  type PieceIndex,
  pieceIndex,
} from '../../metainfo/metainfo.ts';
import type { Place } from './safe-folder.ts';

/*
 * The resume record, all numbers big-endian.
 *
 *   header, 84 bytes   16  "lanshare resume\n"
 *                       4  version, 1
 *                      20  info-hash
 *                       4  number of pieces
 *                      16  boot id of the machine, zeros where it has none
 *                       8  device, 8  inode of the part
 *                       4  version of the layout of the part, 1
 *                       4  CRC-32 of the 80 bytes before
 *   entry, 12 bytes     4  piece index, or a mark
 *                       4  CRC-32 of the piece; zero in a mark
 *                       4  CRC-32 of the 8 bytes before, begun with the header's CRC-32
 *
 * Entries are appended, so a kill leaves at most a torn last one. Begun with the header's CRC-32, an entry of
 * another record, or a run of zeros that a power cut left, is not valid here.
 */

const MAGIC = Buffer.from('lanshare resume\n', 'latin1');
const VERSION = 1;
const LAYOUT_VERSION = 1;
const NO_BOOT_ID = Buffer.alloc(16);

export const HEADER_BYTES = 84;
export const ENTRY_BYTES = 12;

/** The writer ended properly: the part is not changed after the record is. */
const CLOSED_MARK = 0xffff_ffff;
/** The disk refused to keep written data: nothing here may be believed without a look. */
const DISTRUST_MARK = 0xffff_fffe;

export interface RecordHeader {
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  /** A UUID; undefined where the system has none. */
  readonly bootId: string | undefined;
  /** The part's file or folder. */
  readonly place: Place;
}

export type RecordEntry =
  | { readonly kind: 'piece'; readonly index: PieceIndex; readonly crc32: number }
  | { readonly kind: 'closed' }
  | { readonly kind: 'distrust' };

/** What a record file says. `damaged` is everything that this version did not write. */
export type ResumeRecord =
  | { readonly kind: 'damaged' }
  | {
      readonly kind: 'readable';
      readonly header: RecordHeader;
      /** CRC-32 of each piece that is said to be on its place. */
      readonly pieces: ReadonlyMap<PieceIndex, number>;
      /** The last entry says so. */
      readonly closed: boolean;
      readonly distrusted: boolean;
    };

export function encodeHeader({ infoHash, pieceCount, bootId, place }: RecordHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt32BE(VERSION, 16);
  bytes.set(infoHashToBytes(infoHash), 20);
  bytes.writeUInt32BE(pieceCount, 40);
  bytes.set(encodeBootId(bootId), 44);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, place.device), 60);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, place.inode), 68);
  bytes.writeUInt32BE(LAYOUT_VERSION, 76);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 80)), 80);
  return bytes;
}

/** `header` is the encoded header of the record that the entry is for. */
export function encodeEntry(entry: RecordEntry, header: Uint8Array): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  bytes.writeUInt32BE(entryNumber(entry), 0);
  bytes.writeUInt32BE(entry.kind === 'piece' ? entry.crc32 : 0, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8), headerCheck(header)), 8);
  return bytes;
}

/** A torn end is cut; an entry that is not valid is passed over, the others prove themselves. */
export function parseRecord(bytes: Buffer): ResumeRecord {
  const header = parseHeader(bytes);
  if (header === undefined) return { kind: 'damaged' };
  const check = headerCheck(bytes);
  const pieces = new Map<PieceIndex, number>();
  let last: RecordEntry | undefined;
  let distrusted = false;
  for (let start = HEADER_BYTES; start + ENTRY_BYTES <= bytes.length; start += ENTRY_BYTES) {
    const entry = parseEntry(bytes.subarray(start, start + ENTRY_BYTES), check, header.pieceCount);
    if (entry?.kind === 'piece') pieces.set(entry.index, entry.crc32);
    distrusted ||= entry?.kind === 'distrust';
    last = entry;
  }
  return { kind: 'readable', header, pieces, closed: last?.kind === 'closed', distrusted };
}

function parseHeader(bytes: Buffer): RecordHeader | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 16).equals(MAGIC)) return undefined;
  if (bytes.readUInt32BE(80) !== crc32(bytes.subarray(0, 80))) return undefined;
  if (bytes.readUInt32BE(16) !== VERSION || bytes.readUInt32BE(76) !== LAYOUT_VERSION) return undefined;
  return {
    infoHash: infoHashFromBytes(bytes.subarray(20, 40)),
    pieceCount: bytes.readUInt32BE(40),
    bootId: decodeBootId(bytes.subarray(44, 60)),
    place: { device: bytes.readBigUInt64BE(60), inode: bytes.readBigUInt64BE(68) },
  };
}

function parseEntry(bytes: Buffer, check: number, pieceCount: number): RecordEntry | undefined {
  if (bytes.readUInt32BE(8) !== crc32(bytes.subarray(0, 8), check)) return undefined;
  const number = bytes.readUInt32BE(0);
  if (number === CLOSED_MARK) return { kind: 'closed' };
  if (number === DISTRUST_MARK) return { kind: 'distrust' };
  const index = pieceIndex(number, pieceCount);
  return index === undefined ? undefined : { kind: 'piece', index, crc32: bytes.readUInt32BE(4) };
}

function entryNumber(entry: RecordEntry): number {
  switch (entry.kind) {
    case 'piece':
      return entry.index;
    case 'closed':
      return CLOSED_MARK;
    case 'distrust':
      return DISTRUST_MARK;
  }
}

function headerCheck(header: Uint8Array): number {
  return Buffer.from(header.buffer, header.byteOffset, header.byteLength).readUInt32BE(80);
}

function encodeBootId(bootId: string | undefined): Buffer {
  const bytes = Buffer.from((bootId ?? '').replaceAll('-', ''), 'hex');
  return bytes.length === 16 ? bytes : NO_BOOT_ID;
}

function decodeBootId(bytes: Buffer): string | undefined {
  if (bytes.equals(NO_BOOT_ID)) return undefined;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

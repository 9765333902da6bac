import type { Holding, PeerId, PieceSummary } from '../../holdings/holding.ts';
import { packRanges, unpackRanges } from '../../holdings/piece-summary.ts';
import { MAX_NAME_BYTES, MAX_PIECE_RANGES_BYTES, MAX_PIECES } from '../../limits.ts';
import type { Bencoded, BencodeInput } from '../../metainfo/bencode.ts';
import { type InfoHash, infoHashFromBytes, infoHashToBytes } from '../../metainfo/metainfo.ts';
import { namePartFault } from '../../metainfo/safe-name.ts';

/**
 * One index record in a beacon datagram, a dictionary: `h` info-hash, `n` name, `l` length in bytes, `c` piece
 * count, `v` version; and of the pieces either `a` = 1 (all), or `k` how many, `g` packed ranges, `m` = 1
 * where not all ranges are there.
 */
export function recordFields(holding: Holding): { readonly [key: string]: BencodeInput | undefined } {
  const { infoHash, name, length, pieceCount, version, pieces } = holding;
  return {
    h: infoHashToBytes(infoHash),
    n: name,
    l: length,
    c: pieceCount,
    v: version,
    ...pieceFields(pieces),
  };
}

function pieceFields(pieces: PieceSummary): { readonly [key: string]: BencodeInput | undefined } {
  if (pieces.kind === 'all') return { a: 1 };
  const { bytes, packed } = packRanges(pieces.ranges);
  const more = pieces.more || packed < pieces.ranges.length;
  return { k: pieces.count, g: bytes, m: more ? 1 : undefined };
}

/** Undefined where anything in it is missing, too long, out of its range or contradicts the rest. */
export function decodeRecord(record: Bencoded, peerId: PeerId, port: number): Holding | undefined {
  const infoHash = decodeHash(record.field('h'));
  const name = decodeName(record.field('n'));
  const length = inRange(record.field('l')?.integer, 0, Number.MAX_SAFE_INTEGER);
  const pieceCount = inRange(record.field('c')?.integer, 0, MAX_PIECES);
  const version = inRange(record.field('v')?.integer, 0, Number.MAX_SAFE_INTEGER);
  if (infoHash === undefined || name === undefined || length === undefined) return undefined;
  if (pieceCount === undefined || version === undefined) return undefined;
  if ((length === 0) !== (pieceCount === 0) || pieceCount > length) return undefined;
  const pieces = decodePieces(record, pieceCount);
  if (pieces === undefined) return undefined;
  return { peerId, port, infoHash, name, length, pieceCount, pieces, version };
}

function decodePieces(record: Bencoded, pieceCount: number): PieceSummary | undefined {
  if (record.field('a') !== undefined) return { kind: 'all' };
  const count = inRange(record.field('k')?.integer, 0, pieceCount);
  const packed = record.field('g')?.bytes;
  if (count === undefined || packed === undefined || packed.length > MAX_PIECE_RANGES_BYTES) return undefined;
  const ranges = unpackRanges(packed, pieceCount);
  if (ranges === undefined) return undefined;
  const listed = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const more = record.field('m') !== undefined;
  if (more ? listed > count : listed !== count) return undefined;
  return { kind: 'some', count, ranges, more };
}

export function decodeHash(field: Bencoded | undefined): InfoHash | undefined {
  const bytes = field?.bytes;
  return bytes?.length === 20 ? infoHashFromBytes(bytes) : undefined;
}

/** A content's name is one part of a path that every system can store. */
function decodeName(field: Bencoded | undefined): string | undefined {
  const name = field?.text;
  if (name === undefined || Buffer.byteLength(name) > MAX_NAME_BYTES) return undefined;
  return namePartFault(name, 'linux') === undefined ? name : undefined;
}

export function inRange(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

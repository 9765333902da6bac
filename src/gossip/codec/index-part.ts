import type { PieceRange } from '../../holdings/holding.ts';
import { packRanges, unpackRanges } from '../../holdings/piece-summary.ts';
import { pieceIndex } from '../../metainfo/metainfo.ts';
import { Bitfield } from '../../pieces/bitfield.ts';
import { type IndexPart, SEGMENT_PIECES } from '../statement.ts';
import { type ByteReader, MalformedError } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { PART_CODE, SEGMENT_ENCODING } from './statement-layout.ts';

/** Pieces in segment number `segment`: the last one may be short. */
export function segmentPieces(segment: number, pieceCount: number): number {
  return Math.max(0, Math.min(SEGMENT_PIECES, pieceCount - segment * SEGMENT_PIECES));
}

/** To the writer's end: 0 whole, or 1, segment 2, encoding 1 and its pieces, in the smaller encoding. */
export function writeIndexPart(writer: ByteWriter, part: IndexPart, pieceCount: number): void {
  writer.uint(PART_CODE[part.kind], 1);
  if (part.kind === 'whole') return;
  writer.uint(part.segment, 2);
  const size = segmentPieces(part.segment, pieceCount);
  if (size === 0) throw new RangeError(`no segment ${part.segment} of ${pieceCount} pieces`);
  const ranges = relative(part, size);
  const packed = packRanges(ranges, bitmapBytes(size));
  if (packed.packed === ranges.length) {
    writer.uint(SEGMENT_ENCODING.ranges, 1);
    writer.raw(packed.bytes);
  } else {
    writer.uint(SEGMENT_ENCODING.bitmap, 1);
    writer.raw(bitmapOf(ranges, size).bytes);
  }
}

/**
 * All that is left. The ranges are unpacked again each time they are asked for: half a kilobyte on the wire can
 * become a hundred in memory, and statements of many peers are kept.
 */
export function readIndexPart(reader: ByteReader, pieceCount: number): IndexPart {
  const kind = reader.uint(1);
  if (kind === PART_CODE.whole) return { kind: 'whole' };
  if (kind !== PART_CODE.segment) throw new MalformedError('neither whole nor a segment');
  const segment = reader.uint(2);
  const size = segmentPieces(segment, pieceCount);
  const encoding = reader.uint(1);
  if (size === 0 || reader.left > bitmapBytes(size)) throw new MalformedError('a segment out of range');
  const packed = reader.view(reader.left);
  if (!isSegment(packed, encoding, size)) throw new MalformedError('no pieces of a segment');
  return {
    kind: 'segment',
    segment,
    get ranges() {
      return absolute(unpack(packed, encoding, size), segment);
    },
  };
}

function bitmapBytes(size: number): number {
  return Math.ceil(size / 8);
}

function isSegment(packed: Uint8Array, encoding: number, size: number): boolean {
  if (encoding === SEGMENT_ENCODING.ranges) return unpackRanges(packed, size) !== undefined;
  return encoding === SEGMENT_ENCODING.bitmap && Bitfield.fromBytes(packed, size) !== undefined;
}

function unpack(packed: Uint8Array, encoding: number, size: number): readonly PieceRange[] {
  if (encoding === SEGMENT_ENCODING.ranges) return unpackRanges(packed, size) ?? [];
  return rangesOfBits(packed, size);
}

function rangesOfBits(bitmap: Uint8Array, size: number): PieceRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (let at = 0; at < size; at++) {
    if (((bitmap[at >> 3] ?? 0) & (0x80 >> (at & 7))) === 0) continue;
    const last = ranges.at(-1);
    if (last?.end === at) last.end++;
    else ranges.push({ start: at, end: at + 1 });
  }
  return ranges;
}

function bitmapOf(ranges: readonly PieceRange[], size: number): Bitfield {
  const bitfield = new Bitfield(size);
  for (const { start, end } of ranges)
    for (let at = start; at < end; at++) {
      const index = pieceIndex(at, size);
      if (index !== undefined) bitfield.add(index);
    }
  return bitfield;
}

function absolute(ranges: readonly PieceRange[], segment: number): PieceRange[] {
  const first = segment * SEGMENT_PIECES;
  return ranges.map(({ start, end }) => ({ start: first + start, end: first + end }));
}

/** Counted from the segment's first piece. */
function relative({ segment, ranges }: IndexPart & { kind: 'segment' }, size: number): PieceRange[] {
  const first = segment * SEGMENT_PIECES;
  let past = -1;
  return ranges.map(({ start, end }) => {
    const apart = { start: start - first, end: end - first };
    if (apart.start <= past || apart.end <= apart.start || apart.end > size)
      throw new RangeError(`pieces ${start} to ${end} do not fit segment ${segment}`);
    past = apart.end;
    return apart;
  });
}

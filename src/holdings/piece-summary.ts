import { MAX_PIECE_RANGES_BYTES } from '../limits.ts';
import type { Bitfield } from '../pieces/bitfield.ts';
import type { PieceRange, PieceSummary } from './holding.ts';

/** What a store holds, as it is told to others. */
export function summarizePieces(have: Pick<Bitfield, 'complete' | 'count' | 'held'>): PieceSummary {
  if (have.complete) return { kind: 'all' };
  const ranges: { start: number; end: number }[] = [];
  for (const index of have.held()) {
    const last = ranges.at(-1);
    if (last?.end === index) last.end++;
    else ranges.push({ start: index, end: index + 1 });
  }
  return { kind: 'some', count: have.count, ranges, more: false };
}

/** Whether the summary says that this piece is there; undefined where it does not tell. */
export function summaryHas(pieces: PieceSummary, index: number): boolean | undefined {
  if (pieces.kind === 'all') return true;
  if (pieces.ranges.some(({ start, end }) => index >= start && index < end)) return true;
  return pieces.more ? undefined : false;
}

/**
 * Ranges as pairs of unsigned LEB128 numbers: pieces skipped since the end of the range before, pieces held.
 * `packed` of them fit into `maxBytes`.
 */
export function packRanges(
  ranges: readonly PieceRange[],
  maxBytes = MAX_PIECE_RANGES_BYTES,
): { readonly bytes: Uint8Array; readonly packed: number } {
  const bytes: number[] = [];
  let position = 0;
  let packed = 0;
  for (const { start, end } of ranges) {
    const pair = [...leb128(start - position), ...leb128(end - start)];
    if (bytes.length + pair.length > maxBytes) break;
    bytes.push(...pair);
    position = end;
    packed++;
  }
  return { bytes: Uint8Array.from(bytes), packed };
}

/** The reverse; undefined where the bytes are no ascending ranges, apart, of pieces below `pieceCount`. */
export function unpackRanges(bytes: Uint8Array, pieceCount: number): PieceRange[] | undefined {
  const ranges: PieceRange[] = [];
  const numbers = readLeb128(bytes);
  if (numbers === undefined || numbers.length % 2 !== 0) return undefined;
  let position = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    const skipped = numbers[at] ?? 0;
    const held = numbers[at + 1] ?? 0;
    if (held === 0 || (skipped === 0 && at > 0)) return undefined;
    const start = position + skipped;
    position = start + held;
    if (position > pieceCount) return undefined;
    ranges.push({ start, end: position });
  }
  return ranges;
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

/** Four bytes a number at most: 2^28 pieces are far beyond any content. */
function readLeb128(bytes: Uint8Array): number[] | undefined {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const byte of bytes) {
    if (shift > 21) return undefined;
    value |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
      shift = 0;
    }
  }
  return shift === 0 ? numbers : undefined;
}

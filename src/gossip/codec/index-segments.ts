import type { PieceRange, PieceSummary } from '../../holdings/holding.ts';
import { type IndexPart, SEGMENT_PIECES } from '../statement.ts';

/**
 * A piece index in parts that fit a statement each: the whole, or the segments in which a piece is held, in
 * order. Who holds nothing says so of segment 0.
 */
export function splitIndex(pieces: PieceSummary, pieceCount: number): readonly IndexPart[] {
  if (pieces.kind === 'all' || pieces.count === pieceCount) return [{ kind: 'whole' }];
  const segments = new Map<number, PieceRange[]>();
  for (const range of pieces.ranges)
    for (const { segment, ...within } of cutAtSegments(range)) {
      const ranges = segments.get(segment);
      if (ranges === undefined) segments.set(segment, [within]);
      else ranges.push(within);
    }
  if (segments.size === 0) segments.set(0, []);
  return [...segments].map(([segment, ranges]) => ({ kind: 'segment', segment, ranges }));
}

/**
 * The reverse, of parts in any order, one a segment; a segment without a part is not held. What lies beyond
 * `pieceCount` is left out.
 */
export function joinIndex(parts: readonly IndexPart[], pieceCount: number): PieceSummary {
  if (parts.some(({ kind }) => kind === 'whole')) return { kind: 'all' };
  const segments = parts.filter((part) => part.kind === 'segment');
  const ranges = joinRanges(
    segments.toSorted((a, b) => a.segment - b.segment).flatMap((part) => part.ranges),
    pieceCount,
  );
  const count = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  return count === pieceCount ? { kind: 'all' } : { kind: 'some', count, ranges, more: false };
}

/** Whether both say the same, so that only one of them needs to be sent. */
export function samePart(a: IndexPart, b: IndexPart): boolean {
  if (a.kind === 'whole' || b.kind === 'whole') return a.kind === b.kind;
  return a.segment === b.segment && sameRanges(a.ranges, b.ranges);
}

function* cutAtSegments({ start, end }: PieceRange): Generator<PieceRange & { readonly segment: number }> {
  for (let from = start; from < end; ) {
    const segment = Math.floor(from / SEGMENT_PIECES);
    const to = Math.min(end, (segment + 1) * SEGMENT_PIECES);
    yield { segment, start: from, end: to };
    from = to;
  }
}

/** Those that touch become one, as they were before they were cut at a segment's border. */
function joinRanges(ascending: readonly PieceRange[], pieceCount: number): PieceRange[] {
  const joined: { start: number; end: number }[] = [];
  for (const range of ascending) {
    const last = joined.at(-1);
    const start = Math.max(range.start, last?.end ?? 0);
    const end = Math.min(range.end, pieceCount);
    if (start >= end) continue;
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  return joined;
}

function sameRanges(a: readonly PieceRange[], b: readonly PieceRange[]): boolean {
  return (
    a.length === b.length && a.every(({ start, end }, at) => start === b[at]?.start && end === b[at]?.end)
  );
}

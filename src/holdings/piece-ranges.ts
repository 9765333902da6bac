import type { PieceRange } from './holding.ts';

/**
 * The parts of `ranges` that are not in `others`; both ascending and apart. What changed between two indexes costs
 * their ranges, not their pieces.
 */
export function* rangesBeyond(
  ranges: readonly PieceRange[],
  others: readonly PieceRange[],
): Generator<PieceRange> {
  let at = 0;
  for (const { start, end } of ranges) {
    let from = start;
    while (at < others.length && (others[at]?.end ?? 0) <= from) at++;
    for (let next = at; from < end; next++) {
      const other = others[next];
      if (other === undefined || other.start >= end) {
        yield { start: from, end };
        break;
      }
      if (other.start > from) yield { start: from, end: other.start };
      from = Math.max(from, other.end);
    }
  }
}

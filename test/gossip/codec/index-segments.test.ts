import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinIndex, samePart, splitIndex } from '../../../src/gossip/codec/index-segments.ts';
import { SEGMENT_PIECES } from '../../../src/gossip/statement.ts';
import type { PieceSummary } from '../../../src/holdings/holding.ts';
import { rangesWithin } from './arbitrary-gossip.ts';

const content = fc.integer({ min: 1, max: 4 * SEGMENT_PIECES }).chain((pieceCount) =>
  rangesWithin(pieceCount).map((ranges) => {
    const count = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    const pieces: PieceSummary =
      count === pieceCount ? { kind: 'all' } : { kind: 'some', count, ranges, more: false };
    return { pieceCount, pieces };
  }),
);
const some = (...ranges: readonly (readonly [number, number])[]): PieceSummary => ({
  kind: 'some',
  count: ranges.reduce((sum, [start, end]) => sum + end - start, 0),
  ranges: ranges.map(([start, end]) => ({ start, end })),
  more: false,
});

describe('a piece index', () => {
  it('split into segments and joined, in any order, is what it was', () => {
    fc.assert(
      fc.property(content, fc.boolean(), ({ pieceCount, pieces }, turned) => {
        const parts = splitIndex(pieces, pieceCount);
        expect(joinIndex(turned ? parts.toReversed() : parts, pieceCount)).toEqual(pieces);
      }),
    );
  });

  it('has every range within its segment, and leaves out segments without one', () => {
    fc.assert(
      fc.property(content, ({ pieceCount, pieces }) => {
        fc.pre(pieces.kind === 'some' && pieces.count > 0);
        for (const part of splitIndex(pieces, pieceCount)) {
          if (part.kind === 'whole') throw new Error('not all pieces are there');
          expect(part.ranges).not.toEqual([]);
          for (const { start, end } of part.ranges) {
            expect(start).toBeGreaterThanOrEqual(part.segment * SEGMENT_PIECES);
            expect(end).toBeLessThanOrEqual((part.segment + 1) * SEGMENT_PIECES);
          }
        }
      }),
    );
  });

  it('of a whole content is one part', () => {
    expect(splitIndex({ kind: 'all' }, 9_000)).toEqual([{ kind: 'whole' }]);
    expect(splitIndex(some([0, 9_000]), 9_000)).toEqual([{ kind: 'whole' }]);
    expect(splitIndex({ kind: 'all' }, 0)).toEqual([{ kind: 'whole' }]);
    expect(joinIndex([{ kind: 'whole' }], 9_000)).toEqual({ kind: 'all' });
  });

  it('of nothing says so of segment 0', () => {
    const parts = splitIndex(some(), 9_000);
    expect(parts).toEqual([{ kind: 'segment', segment: 0, ranges: [] }]);
    expect(joinIndex(parts, 9_000)).toEqual(some());
    expect(joinIndex([], 9_000)).toEqual(some());
  });

  it('leaves out segments in which nothing is held, and cuts at the borders of the others', () => {
    expect(splitIndex(some([4_000, 4_100], [20_000, 20_001]), 30_000)).toEqual([
      { kind: 'segment', segment: 0, ranges: [{ start: 4_000, end: 4_096 }] },
      { kind: 'segment', segment: 1, ranges: [{ start: 4_096, end: 4_100 }] },
      { kind: 'segment', segment: 4, ranges: [{ start: 20_000, end: 20_001 }] },
    ]);
  });

  it('joined for a smaller content has no piece beyond it, and counts none twice', () => {
    const twice = splitIndex(some([10, 20], [4_000, 5_000]), 9_000);
    expect(joinIndex([...twice, ...twice], 4_500)).toEqual(some([10, 20], [4_000, 4_500]));
  });
});

describe('two parts of an index', () => {
  it('are the same where segment and pieces are', () => {
    const part = { kind: 'segment', segment: 1, ranges: [{ start: 5_000, end: 5_001 }] } as const;
    expect(samePart(part, structuredClone(part))).toBe(true);
    expect(samePart({ kind: 'whole' }, { kind: 'whole' })).toBe(true);
    expect(samePart(part, { kind: 'whole' })).toBe(false);
    expect(samePart({ kind: 'whole' }, part)).toBe(false);
    expect(samePart(part, { ...part, segment: 2 })).toBe(false);
    expect(samePart(part, { ...part, ranges: [] })).toBe(false);
    expect(samePart({ ...part, ranges: [] }, part)).toBe(false);
    expect(samePart(part, { ...part, ranges: [{ start: 5_000, end: 5_002 }] })).toBe(false);
    expect(samePart(part, { ...part, ranges: [{ start: 4_999, end: 5_001 }] })).toBe(false);
  });
});

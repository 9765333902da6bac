import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PieceRange } from '../../src/holdings/holding.ts';
import { rangesBeyond } from '../../src/holdings/piece-ranges.ts';
import { summarizePieces } from '../../src/holdings/piece-summary.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';

const SIZE = 40;
const pieces = fc.uniqueArray(fc.nat(SIZE - 1));

function rangesOf(held: readonly number[]): readonly PieceRange[] {
  // One more piece than any has, so that no set is everything.
  const bitfield = new Bitfield(SIZE + 1);
  for (const index of held) bitfield.add(index as PieceIndex);
  const summary = summarizePieces(bitfield);
  return summary.kind === 'some' ? summary.ranges : [];
}

function indexesIn(ranges: Iterable<PieceRange>): number[] {
  return [...ranges].flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at));
}

describe('the ranges beyond others', () => {
  it('are the pieces that the others do not have', () => {
    fc.assert(
      fc.property(pieces, pieces, (some, others) => {
        const beyond = some.filter((index) => !others.includes(index)).sort((a, b) => a - b);
        expect(indexesIn(rangesBeyond(rangesOf(some), rangesOf(others)))).toEqual(beyond);
      }),
    );
  });

  it('are one where an index has grown by a range', () => {
    const before = [{ start: 0, end: 10 }];
    const after = [
      { start: 0, end: 12 },
      { start: 20, end: 21 },
    ];
    expect([...rangesBeyond(after, before)]).toEqual([
      { start: 10, end: 12 },
      { start: 20, end: 21 },
    ]);
    expect([...rangesBeyond(before, after)]).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packRanges, summarizePieces, summaryHas, unpackRanges } from '../../src/holdings/piece-summary.ts';
import { pieceIndex } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';

const heldPieces = fc.uniqueArray(fc.nat(999), { maxLength: 400 });

function bitfieldOf(held: readonly number[], size: number): Bitfield {
  const bitfield = new Bitfield(size);
  for (const number of held) {
    const index = pieceIndex(number, size);
    if (index !== undefined) bitfield.add(index);
  }
  return bitfield;
}

describe('the summary of held pieces', () => {
  it('says of every piece what the bitfield says', () => {
    fc.assert(
      fc.property(heldPieces, (held) => {
        const summary = summarizePieces(bitfieldOf(held, 1_000));
        for (let index = 0; index < 1_000; index++)
          expect(summaryHas(summary, index)).toBe(held.includes(index));
      }),
      { numRuns: 20 },
    );
  });

  it('is "all" for a whole content, also for an empty one', () => {
    expect(summarizePieces(Bitfield.full(9))).toEqual({ kind: 'all' });
    expect(summarizePieces(new Bitfield(0))).toEqual({ kind: 'all' });
  });

  it('does not tell where ranges were left out', () => {
    expect(
      summaryHas({ kind: 'some', count: 5, ranges: [{ start: 0, end: 2 }], more: true }, 7),
    ).toBeUndefined();
  });
});

describe('packed ranges', () => {
  it('unpack to what was packed', () => {
    fc.assert(
      fc.property(heldPieces, (held) => {
        const summary = summarizePieces(bitfieldOf(held, 1_001));
        if (summary.kind === 'all') return;
        const { bytes, packed } = packRanges(summary.ranges, 10_000);
        expect(packed).toBe(summary.ranges.length);
        expect(unpackRanges(bytes, 1_001)).toEqual(summary.ranges);
      }),
    );
  });

  it('stay within the bytes allowed, and unpack to the first of them', () => {
    const ranges = Array.from({ length: 500 }, (_, at) => ({ start: at * 300, end: at * 300 + 1 }));
    const { bytes, packed } = packRanges(ranges, 100);
    expect(bytes.length).toBeLessThanOrEqual(100);
    expect(unpackRanges(bytes, 200_000)).toEqual(ranges.slice(0, packed));
  });

  it('of any bytes are either refused or ascending, apart and within the content', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5_000), (bytes, pieceCount) => {
        const ranges = unpackRanges(bytes, pieceCount);
        let end = -1;
        for (const range of ranges ?? []) {
          expect(range.start).toBeGreaterThan(end);
          expect(range.end).toBeGreaterThan(range.start);
          expect(range.end).toBeLessThanOrEqual(pieceCount);
          end = range.end;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a number without its end', [0x80]],
    ['a skip without a length', [1]],
    ['an empty range', [1, 0]],
    ['ranges that touch', [0, 1, 0, 1]],
    ['a piece beyond the last', [5, 6]],
    ['a number beyond 28 bits', [0xff, 0xff, 0xff, 0xff, 0x01, 1]],
  ])('with %s are refused', (_, bytes) => {
    expect(unpackRanges(Uint8Array.from(bytes), 10)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPieces, filesLength, type PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { goalAlreadyReached, goalOf } from '../../src/pieces/piece-goal.ts';
import { sampleContent } from '../support/sample-content.ts';

const KIB = 1024;
const lengths = fc.array(fc.record({ length: fc.nat(50), padding: fc.boolean() }), {
  minLength: 1,
  maxLength: 8,
});

/** Lengths in KiB; a piece has 16. A last file is real, since one must be. */
function content(files: readonly { readonly length: number; readonly padding: boolean }[]) {
  return sampleContent({
    name: 'folder',
    pieceLength: 16 * KIB,
    files: [...files, { length: 3, padding: false }].map(({ length, padding }, at) => ({
      path: `f${at}`,
      length: length * KIB,
      padding,
    })),
  }).metainfo;
}

describe('what is wanted of a content', () => {
  it('is every piece that has a byte of a wanted file, and is done byte by byte', () => {
    fc.assert(
      fc.property(lengths, fc.array(fc.nat(8)), fc.array(fc.nat(30)), (files, chosen, held) => {
        const metainfo = content(files);
        const wanted = new Set(chosen.filter((file) => metainfo.files[file]?.padding === false));
        const have = new Bitfield(metainfo.pieceCount);
        for (const index of held) have.add(index as PieceIndex);
        const goal = goalOf(metainfo, have, wanted);
        let total = 0;
        let done = 0;
        for (const index of allPieces(metainfo.pieceCount)) {
          const bytes = bytesIn(metainfo, index, wanted);
          total += bytes;
          if (have.has(index)) done += bytes;
          expect(goal.lacks(index)).toBe(bytes > 0 && !have.has(index));
        }
        expect([goal.bytesTotal, goal.bytesDone, goal.reached]).toEqual([total, done, total === done]);
        for (const index of allPieces(metainfo.pieceCount)) if (goal.lacks(index)) have.add(index);
        expect([goal.bytesDone, goal.reached]).toEqual([total, true]);
      }),
    );
  });

  it('is every piece where nothing is chosen', () => {
    const metainfo = content([
      { length: 20, padding: false },
      { length: 12, padding: true },
      { length: 5, padding: false },
    ]);
    const have = new Bitfield(metainfo.pieceCount);
    const goal = goalOf(metainfo, have, undefined);
    expect([goal.bytesTotal, goal.bytesDone, goal.reached]).toEqual([filesLength(metainfo), 0, false]);
    for (const index of allPieces(metainfo.pieceCount)) have.add(index);
    expect([goal.bytesDone, goal.reached]).toEqual([filesLength(metainfo), true]);
  });

  it('is nothing more of a content that is only served', () => {
    const metainfo = content([{ length: 40, padding: false }]);
    const have = new Bitfield(metainfo.pieceCount);
    have.add(0 as PieceIndex);
    const goal = goalAlreadyReached(metainfo, have);
    expect([goal.reached, goal.bytesDone]).toEqual([true, 16 * KIB]);
    expect([...allPieces(metainfo.pieceCount)].filter((index) => goal.lacks(index))).toEqual([]);
  });
});

/** By looking at each file. */
function bytesIn(
  metainfo: ReturnType<typeof content>,
  index: PieceIndex,
  wanted: ReadonlySet<number>,
): number {
  const start = index * metainfo.pieceLength;
  const end = start + metainfo.pieceLength;
  let bytes = 0;
  for (const file of wanted) {
    const { offset = 0, length = 0 } = metainfo.files[file] ?? {};
    bytes += Math.max(0, Math.min(end, offset + length) - Math.max(start, offset));
  }
  return bytes;
}

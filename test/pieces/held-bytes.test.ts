import { describe, expect, it } from 'vitest';
import type { MetainfoFile, PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { heldFileBytes } from '../../src/pieces/held-bytes.ts';

/** Pieces of ten bytes; a negative length is padding. */
function content(...lengths: readonly number[]) {
  let offset = 0;
  const files: MetainfoFile[] = [];
  for (const [at, signed] of lengths.entries()) {
    const length = Math.abs(signed);
    files.push({ path: [`${at}`], length, offset, executable: false, padding: signed < 0 });
    offset += length;
  }
  return { files, length: offset, pieceLength: 10, pieceCount: Math.ceil(offset / 10) };
}

function held({ pieceCount }: { readonly pieceCount: number }, ...indexes: readonly number[]): Bitfield {
  const have = new Bitfield(pieceCount);
  for (const index of indexes) have.add(index as PieceIndex);
  return have;
}

describe('the bytes of files in the pieces that are held', () => {
  it.each([
    ['none', [], 0],
    ['a whole piece', [0], 10],
    ['the last one, which is short', [2], 5],
    ['all', [0, 1, 2], 25],
  ])('%s', (_what, indexes, bytes) => {
    const movie = content(25);
    expect(heldFileBytes(movie, held(movie, ...indexes))).toBe(bytes);
  });

  it.each([
    ['a piece with padding', [0], 7],
    ['one without', [1], 10],
    ['padding over several pieces', [2, 3, 4], 2],
    ['all', [0, 1, 2, 3, 4, 5], 22],
  ])('%s', (_what, indexes, bytes) => {
    const folder = content(7, -3, 12, -28, 3);
    expect(heldFileBytes(folder, held(folder, ...indexes))).toBe(bytes);
  });

  it('of nothing is nothing', () => {
    const empty = content(0);
    expect(heldFileBytes(empty, held(empty))).toBe(0);
  });
});

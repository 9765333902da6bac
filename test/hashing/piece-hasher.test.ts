import { afterEach, describe, expect, it } from 'vitest';
import { checkPiece, createPieceHasher, type PieceHasher } from '../../src/hashing/piece-hasher.ts';
import { HASH_OFF_THREAD_FROM_BYTES } from '../../src/limits.ts';

let hasher: PieceHasher;

afterEach(() => hasher.close());

function sharedBytes(length: number, filler: number): Uint8Array {
  return Buffer.from(new SharedArrayBuffer(length)).fill(filler);
}

/** Digests of both threads look alike: one is a Buffer, the other was one before it crossed over. */
async function checked(piece: Uint8Array): Promise<{ sha1: string; crc32: number }> {
  const { sha1, crc32 } = await hasher.check(piece);
  return { sha1: Buffer.from(sha1).toString('hex'), crc32 };
}

function expected(piece: Uint8Array): { sha1: string; crc32: number } {
  const { sha1, crc32 } = checkPiece(piece);
  return { sha1: Buffer.from(sha1).toString('hex'), crc32 };
}

describe('the piece hasher', () => {
  it('gives SHA-1 and CRC-32 of every piece, before its thread runs and after, in whatever order they are asked', async () => {
    hasher = createPieceHasher();
    for (let round = 0; round < 5; round++) {
      const pieces = Array.from({ length: 8 }, (_, at) =>
        sharedBytes(HASH_OFF_THREAD_FROM_BYTES + at, round * 8 + at),
      );
      expect(await Promise.all(pieces.map(checked))).toEqual(pieces.map(expected));
      // Long enough for the thread to come up between two rounds.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  });

  it('reads only the part of the shared memory that it is given', async () => {
    hasher = createPieceHasher();
    const memory = sharedBytes(4 * HASH_OFF_THREAD_FROM_BYTES, 7);
    const piece = memory.subarray(100, 100 + 2 * HASH_OFF_THREAD_FROM_BYTES);
    expect(await checked(piece)).toEqual(expected(piece));
  });

  it('takes memory that is not shared', async () => {
    hasher = createPieceHasher();
    const piece = Buffer.alloc(2 * HASH_OFF_THREAD_FROM_BYTES, 1);
    expect(await checked(piece)).toEqual(expected(piece));
  });

  it('answers what was asked before it was closed, and after', async () => {
    hasher = createPieceHasher();
    const piece = sharedBytes(2 * HASH_OFF_THREAD_FROM_BYTES, 3);
    await hasher.check(piece);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const asked = checked(piece);
    await hasher.close();
    expect(await asked).toEqual(expected(piece));
    expect(await checked(piece)).toEqual(expected(piece));
  });
});

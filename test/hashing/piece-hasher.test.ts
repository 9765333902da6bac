import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createPieceHasher, type PieceHasher } from '../../src/hashing/piece-hasher.ts';
import { HASH_OFF_THREAD_FROM_BYTES } from '../../src/limits.ts';

let hasher: PieceHasher;

afterEach(() => hasher.close());

function sharedBytes(length: number, filler: number): Uint8Array {
  return Buffer.from(new SharedArrayBuffer(length)).fill(filler);
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

describe('the piece hasher', () => {
  it('gives the SHA-1 of every piece, before its thread runs and after, in whatever order they are asked', async () => {
    hasher = createPieceHasher();
    for (let round = 0; round < 5; round++) {
      const pieces = Array.from({ length: 8 }, (_, at) =>
        sharedBytes(HASH_OFF_THREAD_FROM_BYTES + at, round * 8 + at),
      );
      const digests = await Promise.all(pieces.map((piece) => hasher.digest(piece)));
      expect(digests.map((digest) => Buffer.from(digest))).toEqual(pieces.map(sha1));
      // Long enough for the thread to come up between two rounds.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  });

  it('hashes only the part of the shared memory that it is given', async () => {
    hasher = createPieceHasher();
    const memory = sharedBytes(4 * HASH_OFF_THREAD_FROM_BYTES, 7);
    const piece = memory.subarray(100, 100 + 2 * HASH_OFF_THREAD_FROM_BYTES);
    expect(Buffer.from(await hasher.digest(piece))).toEqual(sha1(piece));
  });

  it('takes memory that is not shared', async () => {
    hasher = createPieceHasher();
    const piece = Buffer.alloc(2 * HASH_OFF_THREAD_FROM_BYTES, 1);
    expect(Buffer.from(await hasher.digest(piece))).toEqual(sha1(piece));
  });

  it('answers what was asked before it was closed, and after', async () => {
    hasher = createPieceHasher();
    const piece = sharedBytes(2 * HASH_OFF_THREAD_FROM_BYTES, 3);
    await hasher.digest(piece);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const asked = hasher.digest(piece);
    await hasher.close();
    expect(Buffer.from(await asked)).toEqual(sha1(piece));
    expect(Buffer.from(await hasher.digest(piece))).toEqual(sha1(piece));
  });
});

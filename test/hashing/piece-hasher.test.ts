import { afterEach, describe, expect, it } from 'vitest';
import { checkPiece, createPieceHasher, type PieceHasher } from '../../src/hashing/piece-hasher.ts';
import { HASH_OFF_THREAD_FROM_BYTES, HASH_THREADS_AFTER_BYTES } from '../../src/limits.ts';

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

/** One whose threads run: what is asked now is not answered on the calling thread. */
async function runningHasher(): Promise<PieceHasher> {
  const made = createPieceHasher(2);
  await made.check(sharedBytes(HASH_THREADS_AFTER_BYTES, 1));
  const piece = sharedBytes(HASH_OFF_THREAD_FROM_BYTES, 2);
  while (await answersAtOnce(made, piece)) await new Promise((resolve) => setTimeout(resolve, 5));
  return made;
}

async function answersAtOnce(made: PieceHasher, piece: Uint8Array): Promise<boolean> {
  let answered = false;
  const asked = made.check(piece).then(() => {
    answered = true;
  });
  for (let turn = 0; turn < 3; turn++) await Promise.resolve();
  const atOnce = answered;
  await asked;
  return atOnce;
}

describe('the piece hasher', () => {
  it('gives SHA-1 and CRC-32 of every piece, in whatever order its threads answer', async () => {
    hasher = await runningHasher();
    const pieces = Array.from({ length: 40 }, (_, at) =>
      sharedBytes(HASH_OFF_THREAD_FROM_BYTES * (1 + (at % 5)) + at, at),
    );
    expect(await Promise.all(pieces.map(checked))).toEqual(pieces.map(expected));
  });

  it('gives the same before its threads run, and for what is too small for them', async () => {
    hasher = createPieceHasher(2);
    for (const length of [0, 1, HASH_OFF_THREAD_FROM_BYTES, 1_000_000]) {
      const piece = sharedBytes(length, 9);
      expect(await checked(piece)).toEqual(expected(piece));
    }
  });

  it('reads only the part of the shared memory that it is given', async () => {
    hasher = await runningHasher();
    const memory = sharedBytes(4 * HASH_OFF_THREAD_FROM_BYTES, 7);
    memory.fill(8, 0, 100);
    const piece = memory.subarray(100, 100 + 2 * HASH_OFF_THREAD_FROM_BYTES);
    expect(await checked(piece)).toEqual(expected(piece));
  });

  it('takes memory that is not shared', async () => {
    hasher = await runningHasher();
    const piece = Buffer.alloc(2 * HASH_OFF_THREAD_FROM_BYTES, 1);
    expect(await checked(piece)).toEqual(expected(piece));
  });

  it('answers what was asked before it was closed, and after', async () => {
    hasher = await runningHasher();
    const piece = sharedBytes(2 * HASH_OFF_THREAD_FROM_BYTES, 3);
    const asked = checked(piece);
    await hasher.close();
    expect(await asked).toEqual(expected(piece));
    expect(await checked(piece)).toEqual(expected(piece));
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import {
  checkPiece,
  createPieceHasher,
  type PieceCheck,
  type PieceHasher,
} from '../../src/hashing/piece-hasher.ts';
import { HASH_OFF_THREAD_FROM_BYTES, HASH_THREADS_AFTER_BYTES } from '../../src/limits.ts';
import type { PieceDigest } from '../../src/metainfo/expected-piece.ts';

let hasher: PieceHasher;

afterEach(() => hasher.close());

function sharedBytes(length: number, filler: number): Uint8Array {
  return Buffer.from(new SharedArrayBuffer(length)).fill(filler);
}

/** Digests of both threads look alike: one is a Buffer, the other was one before it crossed over. */
async function checked(piece: Uint8Array): Promise<{ sha1: string; crc32: number }> {
  return shown(await hasher.check(piece));
}

function expected(piece: Uint8Array): { sha1: string; crc32: number } {
  return shown(checkPiece(piece));
}

function shown({ sha1 = new Uint8Array(0), crc32 }: PieceCheck): { sha1: string; crc32: number } {
  return { sha1: Buffer.from(sha1).toString('hex'), crc32 };
}

function plain(bytes: Uint8Array | undefined): readonly number[] | undefined {
  return bytes && [...bytes];
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

  it.each<PieceDigest['kind']>(['blocks', 'both'])(
    'gives the hashes of the blocks of v2 (%s) from its threads as from this one',
    async (kind) => {
      hasher = await runningHasher();
      const piece = sharedBytes(100_000, 5);
      piece.fill(0, 70_000);
      for (const length of [1, 16_384, 50_000, 70_000, 100_000]) {
        const { sha1, blockHashes, crc32 } = checkPiece(piece, { kind, length });
        expect(blockHashes).toHaveLength(32 * Math.ceil((length < 70_000 ? 100_000 : length) / 16_384));
        expect(sha1?.length).toBe(kind === 'both' ? 20 : undefined);
        const answer = await hasher.check(piece, { kind, length });
        expect(answer.crc32).toBe(crc32);
        expect(plain(answer.sha1)).toEqual(plain(sha1));
        expect(plain(answer.blockHashes)).toEqual(plain(blockHashes));
      }
    },
  );

  it('answers what was asked before it was closed, and after', async () => {
    hasher = await runningHasher();
    const piece = sharedBytes(2 * HASH_OFF_THREAD_FROM_BYTES, 3);
    const asked = checked(piece);
    await hasher.close();
    expect(await asked).toEqual(expected(piece));
    expect(await checked(piece)).toEqual(expected(piece));
  });
});

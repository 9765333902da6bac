import { createHash } from 'node:crypto';
import { appendFile, chmod, readdir, readlink, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { hashPieces } from '../../src/hashing/hash-pieces.ts';
import { listFiles } from '../../src/hashing/list-files.ts';
import { checkPiece, type PieceHasher } from '../../src/hashing/piece-hasher.ts';
import { planPieces } from '../../src/hashing/piece-plan.ts';
import { HASH_BUFFERS_BYTES } from '../../src/limits.ts';
import { canBeDenied, withoutPrivileges } from '../support/privileges.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { fill, pattern, temporaryFolder } from './temporary-folder.ts';

const clock = new VirtualClock();

function chunksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

/** Files below the folder that this process has open. */
async function openBelow(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(folder));
}

/** One that does as a test wants. */
function hasher(check: PieceHasher['check']): PieceHasher {
  return { check, close: async () => {} };
}

describe('hashing pieces', () => {
  it('gives what hashing one concatenation of the files gives, for any sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        async (contents, pieceLength) => {
          const folder = await temporaryFolder();
          await fill(folder, Object.fromEntries(contents.map((content, i) => [`f${i}`, content])));
          const { hashes, crc32s } = await hashPieces((await listFiles(folder)).files, pieceLength, {
            clock,
          });
          const pieces = chunksOf(Buffer.concat(contents), pieceLength);
          expect(Buffer.from(hashes)).toEqual(Buffer.concat(pieces.map(sha1)));
          expect([...crc32s]).toEqual(pieces.map((piece) => crc32(piece)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says how far it is, and at the end that all is done', async () => {
    const folder = await temporaryFolder({ a: pattern(1000), b: pattern(5) });
    const said: [number, number][] = [];
    const onProgress = (done: number, total: number) => said.push([done, total]);
    await hashPieces((await listFiles(folder)).files, 100, { clock, onProgress });
    expect(said.at(-1)).toEqual([1005, 1005]);
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ['grows', (path) => appendFile(path, 'x')],
    ['shrinks', (path) => truncate(path, 10)],
    ['is written over with the same size', (path) => writeFile(path, pattern(1000).reverse())],
    ['is touched', (path) => utimes(path, 1, 1)],
  ])('notices that a file %s meanwhile', async (_, change) => {
    const folder = await temporaryFolder({ a: pattern(1000), b: pattern(10) });
    const path = join(folder, 'a');
    await utimes(path, 1_000_000, 1_000_000);
    const { files } = await listFiles(folder);
    let changed: Promise<void> | undefined;
    const hashing = hashPieces(files, 16, {
      clock,
      hasher: hasher(async (bytes) => {
        changed ??= change(path);
        await changed;
        return checkPiece(bytes);
      }),
    });
    await expect(hashing).rejects.toMatchObject({
      code: 'SHARE_CHANGED',
      exitCode: 7,
      message: expect.stringContaining(path),
    });
  });

  it('notices that a file was replaced between listing and hashing', async () => {
    const folder = await temporaryFolder({ a: 'hello' });
    // The inode may be used again, and a new file may be made within one tick of the clock.
    await utimes(join(folder, 'a'), 1_000_000, 1_000_000);
    const { files } = await listFiles(folder);
    await rm(join(folder, 'a'));
    await expect(hashPieces(files, 16, { clock })).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
    await fill(folder, { a: 'hello' });
    await expect(hashPieces(files, 16, { clock })).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
  });

  it.skipIf(!canBeDenied)('names a file that may not be read', async () => {
    const folder = await temporaryFolder({ a: 'hello', b: 'secret' });
    const { files } = await listFiles(folder);
    await chmod(join(folder, 'b'), 0);
    await withoutPrivileges(folder, async () => {
      await expect(hashPieces(files, 16, { clock })).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        message: expect.stringContaining(join(folder, 'b')),
      });
    });
  });

  it.skipIf(process.platform !== 'linux')('leaves no file open when it fails or is interrupted', async () => {
    const folder = await temporaryFolder({ a: pattern(1000), b: pattern(1000) });
    // More than is read ahead: it is open when the first piece is hashed.
    await truncate(join(folder, 'b'), 2 * HASH_BUFFERS_BYTES);
    const { files } = await listFiles(folder);
    const failing = hasher(async (bytes) => {
      expect((await openBelow(folder)).length).toBeGreaterThan(0);
      throw new Error(`no digest of ${bytes.length} bytes today`);
    });
    await expect(hashPieces(files, 256 * 1024, { clock, hasher: failing })).rejects.toThrow('today');
    expect(await openBelow(folder)).toEqual([]);
  });

  it('ends when it is interrupted, with the reason where that is one of ours', async () => {
    const folder = await temporaryFolder({ a: pattern(1000) });
    const { files } = await listFiles(folder);
    for (const [reason, code] of [
      [undefined, 'INTERRUPTED'],
      [new LanshareError('TERMINATED', 'stop'), 'TERMINATED'],
    ] as const) {
      const controller = new AbortController();
      const aborting = hasher(async (bytes) => {
        controller.abort(reason);
        return checkPiece(bytes);
      });
      const hashing = hashPieces(files, 16, { clock, hasher: aborting, signal: controller.signal });
      await expect(hashing).rejects.toMatchObject({ code });
    }
  });
});

describe('the plan of pieces', () => {
  it('covers every byte of every file once, in order, in pieces that are full but the last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100), { maxLength: 8 }),
        fc.integer({ min: 1, max: 50 }),
        (lengths, pieceLength) => {
          const pieces = [
            ...planPieces(
              lengths.map((length) => ({ length })),
              pieceLength,
            ),
          ];
          const total = lengths.reduce((sum, length) => sum + length, 0);
          expect(pieces.map(({ index, size }) => [index, size])).toEqual(
            chunksOf(new Uint8Array(total), pieceLength).map((chunk, index) => [index, chunk.length]),
          );
          const read = lengths.map(() => 0);
          for (const { size, segments } of pieces) {
            let filled = 0;
            for (const { file, fileOffset, pieceOffset, length } of segments) {
              expect(length).toBeGreaterThan(0);
              expect(pieceOffset).toBe(filled);
              expect(fileOffset).toBe(read[file]);
              filled += length;
              read[file] = fileOffset + length;
            }
            expect(filled).toBe(size);
          }
          expect(read).toEqual(lengths);
        },
      ),
    );
  });
});

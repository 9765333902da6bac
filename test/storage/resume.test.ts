import {
  appendFile,
  copyFile,
  open,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeEntry, HEADER_BYTES } from '../../src/storage/part/resume-record.ts';
import { sampleContent } from '../support/sample-content.ts';
import { PartRuns, pieceIndexes } from './part-runs.ts';

const movie = sampleContent({ length: 8 * 1024 - 100 });
const films = sampleContent({
  name: 'films',
  files: Array.from({ length: 9 }, (_, number) => ({
    path: `d${number % 3}/f${number}`,
    length: 700 + number,
  })),
});
const contents = { file: movie, folder: films };
const anotherBoot = { bootId: () => '00000000-1111-2222-3333-444444444444' };
const noBootId = { bootId: () => undefined };

const runs = new PartRuns();
afterEach(() => runs.cleanUp());

describe.each(Object.entries(contents))('a part %s that an earlier run left', (_, content) => {
  const all = pieceIndexes(content);
  const some = all.filter((index) => index % 2 === 0);

  it.each(['stopped', 'killed'] as const)(
    'goes on where that was %s, and reads nothing again',
    async (end) => {
      const { outDir } = await runs.leave(content, some, end);
      const { store, held, reread } = await runs.reopen(content, outDir);
      expect({ held, reread }).toEqual({ held: some, reread: 0 });
      expect(held.map((index) => store.crc32(index))).toEqual(some.map((index) => content.crc32s[index]));
      await runs.complete(content, store);
    },
  );

  it('that was whole but for its name only needs the name', async () => {
    const { outDir } = await runs.leave(content, all);
    const { store } = await runs.reopen(content, outDir);
    expect(store.have.complete).toBe(true);
    await runs.complete(content, store);
  });

  it.each([
    ['after a reboot', anotherBoot],
    ['where the system does not tell its boots apart', noBootId],
  ])('is compared with the hashes %s', async (_when, boot) => {
    const { outDir, names } = await runs.leave(content, some);
    const data = content === movie ? names.part : path.join(names.part, 'd0', 'f0');
    await changeUnnoticed(data, 5);
    const { store, held, reread } = await runs.reopen(content, outDir, boot);
    expect(held).toEqual(some.slice(1));
    expect(reread).toBe(some.reduce((sum, index) => sum + content.piece(index).length, 0));
    await runs.complete(content, store);
  });

  it('is believed again in the boot in which it was compared', async () => {
    const { outDir } = await runs.leave(content, some);
    await (await runs.reopen(content, outDir, anotherBoot)).store.close();
    expect(await runs.reopen(content, outDir, anotherBoot)).toMatchObject({ held: some, reread: 0 });
  });

  it('is compared with the hashes where it was changed since', async () => {
    const { outDir, names } = await runs.leave(content, some);
    const data = content === movie ? names.part : path.join(names.part, 'd0', 'f0');
    await changeUnnoticed(data, 5);
    await utimes(data, new Date(), new Date(Date.now() + 10_000));
    const { store, held, reread } = await runs.reopen(content, outDir);
    expect(held).toEqual(some.slice(1));
    expect(reread).toBeGreaterThan(0);
    await runs.complete(content, store);
  });

  it('lacks the pieces that somebody cut off', async () => {
    const { outDir, names } = await runs.leave(content, all);
    const data = content === movie ? names.part : path.join(names.part, 'd0', 'f0');
    await truncate(data, 500);
    const { store, held } = await runs.reopen(content, outDir);
    expect(held).toEqual(content === movie ? [] : all.slice(1));
    await runs.complete(content, store);
  });

  it('loses what somebody appended', async () => {
    const { outDir, names } = await runs.leave(content, all);
    await appendFile(content === movie ? names.part : path.join(names.part, 'd0', 'f0'), 'more');
    const { store, held } = await runs.reopen(content, outDir);
    expect(held).toEqual(all);
    await runs.complete(content, store);
  });

  it('is used as far as it matches when its record is gone', async () => {
    const { outDir, names } = await runs.leave(content, some);
    await rm(names.record);
    const { store, held } = await runs.reopen(content, outDir);
    expect(held).toEqual(some);
    await runs.complete(content, store);
  });

  it('is compared where the disk had failed to keep something', async () => {
    const { outDir, names } = await runs.leave(content, some);
    const record = await readFile(names.record);
    await appendFile(names.record, encodeEntry({ kind: 'distrust' }, record.subarray(0, HEADER_BYTES)));
    const { held, reread } = await runs.reopen(content, outDir);
    expect(held).toEqual(some);
    expect(reread).toBeGreaterThan(0);
  });

  it('holds nothing that is not there, at whatever byte the record is cut', async () => {
    const { outDir, names } = await runs.leave(content, some, 'killed');
    const record = await readFile(names.record);
    for (let length = 0; length <= record.length; length += 1 + (length % 3)) {
      await writeFile(names.record, record.subarray(0, length));
      const { store, held } = await runs.reopen(content, outDir);
      expect(some).toEqual(expect.arrayContaining(held));
      await store.close();
    }
    await runs.complete(content, (await runs.reopen(content, outDir)).store);
  });

  it('holds nothing that is not there, whatever byte of the record is wrong', async () => {
    const { outDir, names } = await runs.leave(content, some, 'killed');
    const record = await readFile(names.record);
    await fc.assert(
      fc.asyncProperty(fc.nat(record.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(record);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        await writeFile(names.record, damaged);
        const { store, held } = await runs.reopen(content, outDir);
        expect(some).toEqual(expect.arrayContaining(held));
        await store.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('a part that an earlier run left', () => {
  const all = pieceIndexes(movie);

  it('is compared with the hashes where it is a copy of the file that was written', async () => {
    const { outDir, names } = await runs.leave(movie, all, 'killed');
    await copyFile(names.part, `${names.part}.copy`);
    await rename(`${names.part}.copy`, names.part);
    const { held, reread } = await runs.reopen(movie, outDir);
    expect({ held, reread }).toEqual({ held: all, reread: movie.bytes.length });
  });

  it('lacks the pieces of files that are gone from its folder', async () => {
    const { outDir, names } = await runs.leave(films, pieceIndexes(films));
    await rm(path.join(names.part, 'd0'), { recursive: true });
    const { store, held } = await runs.reopen(films, outDir);
    expect(held).not.toContain(0);
    await runs.complete(films, store);
  });

  it('that never got a piece is taken away again, with its record', async () => {
    const { outDir } = await runs.leave(movie, []);
    expect(await readdir(outDir)).toEqual([]);
  });

  it('of which only the data was made, and not yet the record, is used', async () => {
    const { outDir, names } = await runs.leave(movie, all);
    await rm(names.record);
    await truncate(names.part, 0);
    await runs.complete(movie, await runs.open(movie, outDir));
  });

  it('of another content with the same name is left alone', async () => {
    const other = sampleContent({ length: 8 * 1024 - 100, seed: 2 });
    const { outDir, names } = await runs.leave(other, all);
    const before = await readFile(names.part);
    await expect(runs.open(movie, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT', exitCode: 6 });
    expect((await readFile(names.part)).equals(before)).toBe(true);
    expect((await runs.reopen(other, outDir)).held).toEqual(all);
  });

  it('whose record is gone is left alone where not one piece matches', async () => {
    const outDir = await runs.folders.make();
    await writeFile(path.join(outDir, 'movie.txt.lanshare-part'), 'the only copy of something');
    await expect(runs.open(movie, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
    expect(await readFile(path.join(outDir, 'movie.txt.lanshare-part'), 'utf8')).toBe(
      'the only copy of something',
    );
  });

  it('stops being compared when the signal aborts', async () => {
    const { outDir } = await runs.leave(movie, all);
    const signal = AbortSignal.abort();
    await expect(runs.open(movie, outDir, { ...anotherBoot, signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect((await runs.reopen(movie, outDir)).held).toEqual(all);
  });

  it('says how far the comparison is', async () => {
    const { outDir } = await runs.leave(movie, all);
    const told: number[] = [];
    const onReread = (bytesDone: number, bytesTotal: number): void => {
      told.push(bytesDone, bytesTotal);
    };
    await runs.open(movie, outDir, { ...anotherBoot, onReread });
    expect(told.slice(-2)).toEqual([movie.bytes.length, movie.bytes.length]);
  });
});

/** One byte, as a failing disk changes it: the times of the file stay. */
async function changeUnnoticed(file: string, position: number): Promise<void> {
  const handle = await open(file, 'r+');
  const { atime, mtime } = await handle.stat();
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, position);
  byte[0] = (byte[0] ?? 0) ^ 0xff;
  await handle.write(byte, 0, 1, position);
  await handle.utimes(atime, mtime);
  await handle.close();
}

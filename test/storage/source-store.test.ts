import { execFileSync } from 'node:child_process';
import { appendFile, copyFile, open, rename, rm, truncate, utimes } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SOURCE_CHECK_INTERVAL_MS } from '../../src/limits.ts';
import { allPieces, type PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { SourceStore } from '../../src/storage/source-store.ts';
import { placeSample, type SampleContent, sampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { expectPiece } from './contract.ts';

const movie = sampleContent({ length: 5000 });
const first = movie.index(0);
const second = movie.index(1);

const folders = new TemporaryFolders();
const opened: SourceStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await folders.remove();
});

async function share(content: SampleContent) {
  const clock = new VirtualClock();
  const hashed = await placeSample(content, await folders.make());
  const store = new SourceStore(hashed, { clock });
  opened.push(store);
  return { clock, store, file: hashed.sourcePath };
}

async function later(clock: VirtualClock): Promise<void> {
  await clock.advance(SOURCE_CHECK_INTERVAL_MS);
}

function readPiece(store: SourceStore, index: PieceIndex): Promise<void> {
  return store.read(index, 0, Buffer.alloc(1024));
}

/** What can happen to a shared file, and the words for it. */
const changes: [string, (file: string) => Promise<unknown>, RegExp][] = [
  ['deleted', (file) => rm(file), /was deleted or renamed/],
  ['renamed', (file) => rename(file, `${file}.old`), /was deleted or renamed/],
  ['truncated', (file) => truncate(file, 4999), /changed its size from 5000 to 4999 bytes/],
  ['longer', (file) => appendFile(file, 'x'), /changed its size from 5000 to 5001 bytes/],
  ['written to', (file) => overwriteOneByte(file), /was changed/],
  ['replaced by a file that looks the same', (file) => replaceByCopy(file), /was replaced by another file/],
  ['replaced by a pipe', (file) => replaceByPipe(file), /was replaced by something that is not a file/],
];

describe.each(changes)('a shared file that is %s', (_, change, words) => {
  it('is noticed while it is read', async () => {
    const { store, file, clock } = await share(movie);
    await readPiece(store, first);
    await change(file);
    await later(clock);
    await expect(readPiece(store, first)).rejects.toMatchObject({
      code: 'SHARE_CHANGED',
      exitCode: 7,
      message: expect.stringMatching(words),
    });
  });

  it('is noticed when it is opened', async () => {
    const { store, file } = await share(movie);
    await change(file);
    await expect(readPiece(store, first)).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
  });

  it('is noticed by a check, read or not', async () => {
    const { store, file } = await share(movie);
    await store.check();
    await change(file);
    await expect(store.check()).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
  });
});

describe('a shared source', () => {
  it('notices a file that ends too early at once, without waiting for the next comparison', async () => {
    const { store, file } = await share(movie);
    await readPiece(store, first);
    await truncate(file, 1500);
    await expect(readPiece(store, second)).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
  });

  it('stays withdrawn when the file is back under its path', async () => {
    const { store, file } = await share(movie);
    await rename(file, `${file}.old`);
    await expect(readPiece(store, first)).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
    await rename(`${file}.old`, file);
    await expect(readPiece(store, first)).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
    await expect(store.check()).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
  });

  it('looks at the path once an interval, not at every read', async () => {
    const { store, file, clock } = await share(movie);
    await readPiece(store, first);
    await rename(file, `${file}.old`);
    await clock.advance(SOURCE_CHECK_INTERVAL_MS - 1);
    await expectPiece(store, movie, second);
    await clock.advance(1);
    await expect(readPiece(store, second)).rejects.toMatchObject({ code: 'SHARE_CHANGED' });
  });

  it('names the file of a folder that changed', async () => {
    const films = sampleContent({
      name: 'films',
      files: [
        { path: 'a', length: 600 },
        { path: 'b/c', length: 600 },
      ],
    });
    const { store, file } = await share(films);
    await rm(path.join(file, 'b', 'c'));
    await expect(readPiece(store, first)).rejects.toMatchObject({
      message: expect.stringContaining(path.join('films', 'b', 'c')),
    });
  });

  it('of which a part is right serves that, and looks for nothing that is not there', async () => {
    const films = sampleContent({
      name: 'films',
      files: [
        { path: 'a', length: 2048 },
        { path: 'b', length: 2048 },
      ],
    });
    const hashed = await placeSample(films, await folders.make());
    await rm(path.join(hashed.sourcePath, 'b'));
    const have = new Bitfield(4);
    have.add(films.index(0));
    have.add(films.index(1));
    const files = [hashed.files[0], undefined];
    const store = new SourceStore({ ...hashed, files, have }, { clock: new VirtualClock() });
    opened.push(store);
    await store.check();
    await expectPiece(store, films, films.index(1));
    await expect(readPiece(store, films.index(2))).rejects.toThrow('piece 2 is not held');
    expect([store.crc32(films.index(1)), store.crc32(films.index(2))]).toEqual([films.crc32s[1], undefined]);
    expect([store.have.complete, store.goal.reached]).toEqual([false, true]);
  });

  it('takes no pieces and has nothing to finish', async () => {
    const { store } = await share(movie);
    await expect(store.write()).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(store.finish()).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('serves 300 files to many readers at once with 4 of them open', async () => {
    const files = Array.from({ length: 300 }, (_, number) => ({
      path: `d${number % 7}/f${number}`,
      length: 100,
    }));
    const many = sampleContent({ name: 'many', files });
    const hashed = await placeSample(many, await folders.make());
    const store = new SourceStore(hashed, { clock: new VirtualClock(), maxOpenFiles: 4 });
    opened.push(store);
    const pieces = [...allPieces(many.metainfo.pieceCount)];
    await Promise.all([...pieces, ...pieces, ...pieces].map((index) => expectPiece(store, many, index)));
  });

  it('waits with closing for the reads under way', async () => {
    const { store } = await share(movie);
    const target = Buffer.alloc(1024);
    const reading = store.read(first, 0, target);
    await store.close();
    await reading;
    expect(target.equals(movie.piece(first))).toBe(true);
  });
});

async function overwriteOneByte(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write('!', 100);
  await handle.close();
  // The clock of the file system ticks every few milliseconds; the write may fall into the tick of the first one.
  await utimes(file, new Date(), new Date(Date.now() + 5000));
}

async function replaceByCopy(file: string): Promise<void> {
  await copyFile(file, `${file}.copy`);
  await rename(`${file}.copy`, file);
}

async function replaceByPipe(file: string): Promise<void> {
  await rm(file);
  execFileSync('mkfifo', [file]);
}

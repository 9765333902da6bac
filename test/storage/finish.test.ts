import {
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SOURCE_CHECK_INTERVAL_MS } from '../../src/limits.ts';
import { sampleContent } from '../support/sample-content.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { expectPiece, shapes, writePiece } from './contract.ts';
import { expectOnDisk, PartRuns, pieceIndexes } from './part-runs.ts';

const movie = shapes['a file'];
const films = shapes['a folder'];

const runs = new PartRuns();
afterEach(() => runs.cleanUp());

describe.each(Object.entries(shapes))('a fetch of %s', (_, content) => {
  it('leaves the content under its name and nothing else', async () => {
    const outDir = await runs.folders.make();
    const final = await runs.complete(content, await runs.open(content, outDir));
    expect(final).toBe(path.join(outDir, content.metainfo.name));
    expect(await readdir(outDir)).toEqual([content.metainfo.name]);
  });

  it('never has the final name before it is finished', async () => {
    const outDir = await runs.folders.make();
    const store = await runs.open(content, outDir);
    for (const index of pieceIndexes(content)) {
      await writePiece(store, content, index);
      expect(await readdir(outDir)).not.toContain(content.metainfo.name);
    }
  });

  it.each([
    ['a file', (final: string) => writeFile(final, 'precious')],
    ['a folder', (final: string) => mkdir(final)],
    ['a link to nothing', (final: string) => symlink('nowhere', final)],
  ])('never replaces %s that appears under the final name', async (_kind, appear) => {
    const outDir = await runs.folders.make();
    const store = await runs.open(content, outDir);
    for (const index of pieceIndexes(content)) await writePiece(store, content, index);
    const final = path.join(outDir, content.metainfo.name);
    await appear(final);
    await expect(store.finish()).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT', exitCode: 6 });
    await rename(final, `${final}.mine`);
    await runs.complete(content, store);
    expect(await readdir(outDir)).toHaveLength(2);
  });

  it('does not begin where the final name is taken', async () => {
    const outDir = await runs.folders.make();
    await writeFile(path.join(outDir, content.metainfo.name), 'precious');
    await expect(runs.open(content, outDir)).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
    expect(await readdir(outDir)).toEqual([content.metainfo.name]);
  });
});

describe('a finished fetch', () => {
  it('keeps the executable bit, and the umask has its say', async () => {
    const final = await runs.complete(films, await runs.open(films, await runs.folders.make()));
    const umask = process.umask();
    expect((await stat(path.join(final, 'b/run'))).mode & 0o777).toBe(0o755 & ~umask);
    expect((await stat(path.join(final, 'a.txt'))).mode & 0o777).toBe(0o644 & ~umask);
  });

  it('has no padding files on disk', async () => {
    const content = shapes['a folder with padding'];
    const final = await runs.complete(content, await runs.open(content, await runs.folders.make()));
    expect((await readdir(final)).toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('has the empty files', async () => {
    const final = await runs.complete(films, await runs.open(films, await runs.folders.make()));
    expect((await stat(path.join(final, 'b/empty'))).size).toBe(0);
  });

  it('is finished once, however often that is asked for', async () => {
    const store = await runs.open(movie, await runs.folders.make());
    for (const index of pieceIndexes(movie)) await writePiece(store, movie, index);
    const [one, other] = await Promise.all([store.finish(), store.finish()]);
    expect(one).toBe(other);
    expect(await store.finish()).toBe(one);
  });

  it.skipIf(process.platform !== 'linux').each(Object.entries(shapes))(
    'of %s leaves no file open, neither then nor after it served',
    async (_, content) => {
      const outDir = await runs.folders.make();
      const store = await runs.open(content, outDir);
      for (const index of pieceIndexes(content)) await writePiece(store, content, index);
      await store.finish();
      expect(await openBelow(outDir)).toEqual([]);
      for (const index of pieceIndexes(content)) await expectPiece(store, content, index);
      await store.close();
      expect(await openBelow(outDir)).toEqual([]);
    },
  );

  it('serves while it is being moved', async () => {
    const outDir = await runs.folders.make();
    const store = await runs.open(films, outDir);
    for (const index of pieceIndexes(films)) await writePiece(store, films, index);
    let finished = false;
    const finishing = store.finish().finally(() => {
      finished = true;
    });
    const target = Buffer.alloc(1024);
    while (!finished) {
      await Promise.all(pieceIndexes(films).map((index) => store.read(index, 0, target.subarray(0, 900))));
    }
    await finishing;
    await store.close();
    if (process.platform === 'linux') expect(await openBelow(outDir)).toEqual([]);
  });

  it('is watched like any shared file', async () => {
    const clock = new VirtualClock();
    const store = await runs.open(movie, await runs.folders.make(), { clock });
    const final = await runs.complete(movie, store);
    await truncate(final, 10);
    await clock.advance(SOURCE_CHECK_INTERVAL_MS);
    await expect(store.read(movie.index(0), 0, Buffer.alloc(5))).rejects.toMatchObject({
      code: 'SHARE_CHANGED',
    });
  });

  it('is not made of a part that somebody cut in the meantime', async () => {
    const outDir = await runs.folders.make();
    const store = await runs.open(movie, outDir);
    for (const index of pieceIndexes(movie)) await writePiece(store, movie, index);
    await truncate(path.join(outDir, 'movie.txt.lanshare-part'), 100);
    await expect(store.finish()).rejects.toMatchObject({ code: 'SHARE_CHANGED', exitCode: 7 });
    expect(await readdir(outDir)).not.toContain('movie.txt');
  });

  it('is not made of something else that bears the name of the part', async () => {
    const outDir = await runs.folders.make();
    const store = await runs.open(movie, outDir);
    for (const index of pieceIndexes(movie)) await writePiece(store, movie, index);
    const part = path.join(outDir, 'movie.txt.lanshare-part');
    await rm(part);
    await writeFile(part, 'something else');
    await expect(store.finish()).rejects.toMatchObject({ code: 'EXISTS_DIFFERENT' });
    expect(await readFile(part, 'utf8')).toBe('something else');
    expect(await readdir(outDir)).not.toContain('movie.txt');
  });
});

describe('a content whose name fills all that a name may have', () => {
  it.each(['x'.repeat(255), `${'ü'.repeat(127)}x`, `${'🎬'.repeat(63)}abc`])(
    'is fetched (%#)',
    async (name) => {
      const content = sampleContent({ name });
      const { outDir } = await runs.leave(content, pieceIndexes(content).slice(0, 2));
      const { store, held } = await runs.reopen(content, outDir);
      expect(held).toHaveLength(2);
      const final = await runs.complete(content, store);
      expect(await readdir(outDir)).toEqual([name]);
      await expectOnDisk(content, final);
    },
  );

  it('does not meet another one that begins the same', async () => {
    const one = sampleContent({ name: `${'x'.repeat(254)}1` });
    const other = sampleContent({ name: `${'x'.repeat(254)}2` });
    const outDir = await runs.folders.make();
    const stores = [await runs.open(one, outDir), await runs.open(other, outDir)] as const;
    await runs.complete(one, stores[0]);
    await runs.complete(other, stores[1]);
  });
});

describe('the output folder', () => {
  it.each([
    ['that is missing', (folder: string) => path.join(folder, 'missing'), 'NO_SUCH_PATH'],
    ['that is a file', (folder: string) => path.join(folder, 'file'), 'NO_SUCH_PATH'],
    ['below a file', (folder: string) => path.join(folder, 'file', 'below'), 'NO_SUCH_PATH'],
  ])('%s is refused', async (_, outDir, code) => {
    const folder = await runs.folders.make();
    await writeFile(path.join(folder, 'file'), '');
    await expect(runs.open(movie, outDir(folder))).rejects.toMatchObject({ code, exitCode: 6 });
  });
});

/** Files below a folder that this process has open (proc_pid_fd(5)). */
async function openBelow(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return paths.filter((file) => file.startsWith(folder));
}

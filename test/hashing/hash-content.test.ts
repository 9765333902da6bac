import { chmod, cp, rename, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashContent } from '../../src/hashing/hash-content.ts';
import type { TorrentVersion } from '../../src/metainfo/metainfo.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { pattern, temporaryFolder } from './temporary-folder.ts';

const clock = new VirtualClock();
const PIECE = 16 * 1024;

function hash(path: string, options: { name?: string; pieceLength?: number } = {}) {
  return hashContent(path, { clock, cacheDirectory: undefined, ...options });
}

/** The folder that the known info-hash was made of. */
const ALBUM = {
  'album/b.bin': pattern(70_000),
  'album/disc 1/a.txt': pattern(40_000),
  'album/disc-1': pattern(1_000),
  'album/nothing': '',
  'album/run.sh': '#!/bin/sh\n',
};

describe('hashing a content', () => {
  it('gives the info-hash that libtorrent 2.0.8 gives the same file', async () => {
    const folder = await temporaryFolder({ 'movie.txt': pattern(100_000) });
    const { metainfo } = await hash(join(folder, 'movie.txt'), { pieceLength: PIECE });
    expect(metainfo.infoHash).toBe('fdaf32a4f60f7e17745510eb55fdc9678a2850b2');
  });

  it('gives the info-hash that libtorrent 2.0.8 gives the same folder', async () => {
    const folder = await temporaryFolder(ALBUM);
    await chmod(join(folder, 'album', 'run.sh'), 0o755);
    const { metainfo } = await hash(join(folder, 'album'), { pieceLength: PIECE });
    expect(metainfo.infoHash).toBe('e40a77303ae97f9d074ffa063702cc081a857ddb');
  });

  it('gives the same info-hash for the same content elsewhere, whatever its times', async () => {
    const folder = await temporaryFolder(ALBUM);
    await cp(join(folder, 'album'), join(folder, 'copy', 'album'), { recursive: true });
    await utimes(join(folder, 'copy', 'album', 'b.bin'), 1, 1);
    const one = await hash(join(folder, 'album'));
    const other = await hash(join(folder, 'copy', 'album'));
    expect(other.metainfo.infoHash).toBe(one.metainfo.infoHash);
    await rename(join(folder, 'copy', 'album'), join(folder, 'copy', 'other'));
    const renamed = join(folder, 'copy', 'other');
    expect((await hash(renamed)).metainfo.infoHash).not.toBe(one.metainfo.infoHash);
    expect((await hash(renamed, { name: 'album' })).metainfo.infoHash).toBe(one.metainfo.infoHash);
  });

  it('tells where each file lies, in the order of the metainfo', async () => {
    const folder = await temporaryFolder(ALBUM);
    const content = await hash(join(folder, 'album'), { pieceLength: PIECE });
    expect(content).toMatchObject({ sourcePath: join(folder, 'album'), warnings: [], cached: false });
    expect(content.metainfo).toMatchObject({ name: 'album', kind: 'folder', length: 111_010, pieceCount: 7 });
    expect(content.files.map((file) => [file.absolutePath, file.length])).toEqual(
      content.metainfo.files.map((file) => [join(folder, 'album', ...file.path), file.length]),
    );
    expect(content.crc32s).toHaveLength(7);
    for (const { identity, length } of content.files) expect(identity.size).toBe(length);
  });

  it('an empty file, and a folder with empty files, are contents without pieces', async () => {
    const folder = await temporaryFolder({ empty: '', 'folder/a': '', 'folder/b/c': '' });
    const file = await hash(join(folder, 'empty'));
    expect(file.metainfo).toMatchObject({ kind: 'file', length: 0, pieceCount: 0 });
    const both = await hash(join(folder, 'folder'));
    expect(both.metainfo).toMatchObject({ kind: 'folder', length: 0, pieceCount: 0 });
    expect(both.metainfo.files).toHaveLength(2);
  });

  it('chooses the piece length by size', async () => {
    const folder = await temporaryFolder({ a: pattern(1000) });
    expect((await hash(folder)).metainfo.pieceLength).toBe(256 * 1024);
  });

  it.each([0, 1, 1000, 8 * 1024, 3 * PIECE, 128 * 1024 * 1024, -PIECE, 2.5, Number.NaN])(
    'refuses a piece length of %d bytes',
    async (pieceLength) => {
      const folder = await temporaryFolder({ a: 'hello' });
      await expect(hash(folder, { pieceLength })).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 });
    },
  );

  it.each(['', '..', 'a/b', 'a\nb'])('refuses to share under the name %j', async (name) => {
    const folder = await temporaryFolder({ a: 'hello' });
    await expect(hash(folder, { name })).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 });
  });

  it('refuses what no .torrent of 10 MiB can describe, before it reads it', async () => {
    const folder = await temporaryFolder({ huge: '' });
    const path = join(folder, 'huge');
    for (const length of [9 * 2 ** 30, 2 ** 43]) {
      await truncate(path, length);
      await expect(hash(path, { pieceLength: PIECE })).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('larger than 10 MiB'),
      });
    }
  });

  it('an executable file has another info-hash than one that is not', async () => {
    const folder = await temporaryFolder({ run: 'hello' });
    const before = await hash(join(folder, 'run'));
    await chmod(join(folder, 'run'), 0o755);
    const after = await hash(join(folder, 'run'));
    expect(after.metainfo.files[0]?.executable).toBe(true);
    expect(after.metainfo.infoHash).not.toBe(before.metainfo.infoHash);
  });
});

describe('hashing a content again', () => {
  /** Later than every file of the test, so that all are settled. */
  const later = () => new VirtualClock(Date.now() + 60_000);

  async function shared(): Promise<{
    path: string;
    again: (name?: string) => ReturnType<typeof hashContent>;
  }> {
    const folder = await temporaryFolder({ 'content/a': pattern(50_000), 'content/b': pattern(10) });
    const path = join(folder, 'content');
    const cacheDirectory = join(folder, 'cache');
    const again = (name = basename(path)) =>
      hashContent(path, { clock: later(), cacheDirectory, name, pieceLength: PIECE });
    return { path, again };
  }

  it('reads nothing where nothing has changed, and gives the same', async () => {
    const { again } = await shared();
    const first = await again();
    const second = await again();
    expect(first.cached).toBe(false);
    expect(second).toEqual({ ...first, cached: true });
  });

  it('knows it under another name too', async () => {
    const { again } = await shared();
    await again();
    expect(await again('other')).toMatchObject({ cached: true, metainfo: { name: 'other' } });
  });

  it('reads again where the content changed, even with size and mtime as before', async () => {
    const { path, again } = await shared();
    const file = join(path, 'b');
    await utimes(file, 1_000_000, 1_000_000);
    const first = await again();
    const before = await stat(file, { bigint: true });
    // Until the file system's clock has ticked.
    while ((await stat(file, { bigint: true })).ctimeNs === before.ctimeNs) {
      await writeFile(file, pattern(10).reverse());
      await utimes(file, 1_000_000, 1_000_000);
    }
    expect((await stat(file, { bigint: true })).mtimeNs).toBe(before.mtimeNs);
    const second = await again();
    expect(second.cached).toBe(false);
    expect(second.metainfo.infoHash).not.toBe(first.metainfo.infoHash);
  });

  it('reads again where a file came or was renamed', async () => {
    const { path, again } = await shared();
    await again();
    await writeFile(join(path, 'c'), '');
    expect((await again()).cached).toBe(false);
    await rename(join(path, 'c'), join(path, 'd'));
    expect((await again()).cached).toBe(false);
    expect((await again()).cached).toBe(true);
  });

  it('reads again for another piece length, and remembers both', async () => {
    const { path, again } = await shared();
    const cacheDirectory = join(path, '..', 'cache');
    const other = () => hashContent(path, { clock: later(), cacheDirectory, pieceLength: 2 * PIECE });
    await again();
    expect((await other()).cached).toBe(false);
    expect((await other()).cached).toBe(true);
    expect((await again()).cached).toBe(true);
  });

  it('reads again for another version, and remembers each with all its hashes', async () => {
    const { path, again } = await shared();
    const cacheDirectory = join(path, '..', 'cache');
    const as = (version: TorrentVersion) =>
      hashContent(path, { clock: later(), cacheDirectory, pieceLength: PIECE, version });
    await again();
    for (const version of ['v2', 'hybrid'] as const) {
      const first = await as(version);
      expect(first.cached).toBe(false);
      expect(await as(version)).toEqual({ ...first, cached: true });
    }
    expect((await again()).cached).toBe(true);
  });

  it('does not trust the times of a file that was written a moment ago', async () => {
    const { path } = await shared();
    const cacheDirectory = join(path, '..', 'cache');
    const now = new VirtualClock((await stat(join(path, 'b'))).ctimeMs + 1);
    await hashContent(path, { clock: now, cacheDirectory });
    expect((await hashContent(path, { clock: later(), cacheDirectory })).cached).toBe(false);
    expect((await hashContent(path, { clock: later(), cacheDirectory })).cached).toBe(true);
  });

  it('says nothing of progress where nothing is read', async () => {
    const { path, again } = await shared();
    await again();
    const said: number[] = [];
    await hashContent(path, {
      clock: later(),
      cacheDirectory: join(path, '..', 'cache'),
      pieceLength: PIECE,
      onProgress: (done) => said.push(done),
    });
    expect(said).toEqual([]);
  });
});

import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { checkSource } from '../../src/hashing/check-source.ts';
import { hashContent } from '../../src/hashing/hash-content.ts';
import type { Metainfo, TorrentVersion } from '../../src/metainfo/metainfo.ts';
import { sampleContent } from '../support/sample-content.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { pattern, temporaryFolder } from './temporary-folder.ts';

const PIECE = 16 * 1024;
/** Files that were written long ago, as far as the cache can tell. */
const LATER_MS = 10_000_000_000_000;

interface Described {
  readonly path: string;
  readonly metainfo: Metainfo;
  readonly cacheDirectory: string;
}

/** In v1 pieces 0 and 1 lie in `a`, 2 in `a` and `b/c`, 3 in `b/c`, 4 in `b/c` and `d`; `e` is empty. */
async function folder(version: TorrentVersion = 'v1'): Promise<Described> {
  const base = await temporaryFolder({
    'x/a': pattern(2.5 * PIECE),
    'x/b/c': pattern(2 * PIECE),
    'x/d': pattern(100),
    'x/e': '',
  });
  const path = join(base, 'x');
  const hashed = await hashContent(path, {
    clock: new VirtualClock(),
    cacheDirectory: undefined,
    pieceLength: PIECE,
    version,
  });
  return { path, metainfo: hashed.metainfo, cacheDirectory: join(base, 'cache') };
}

function check({ path, metainfo, cacheDirectory }: Described, onProgress = vi.fn()) {
  const clock = new VirtualClock(LATER_MS);
  return checkSource(metainfo, path, { clock, cacheDirectory, onProgress });
}

describe('checking what a .torrent describes', () => {
  it.each<TorrentVersion>(['v1', 'v2', 'hybrid'])(
    'finds every piece of a whole %s content',
    async (version) => {
      const content = await folder(version);
      const { report, have, files, crc32s } = await check(content);
      expect(report.matches).toBe(true);
      expect(have.complete).toBe(true);
      expect(files.map((file) => file?.absolutePath)).toEqual(
        content.metainfo.files.map(({ padding, path }) =>
          padding ? undefined : join(content.path, ...path),
        ),
      );
      expect(crc32s[0]).toBe(crc32(pattern(PIECE)));
    },
  );

  it('knows which pieces are right beside missing, cut and changed files', async () => {
    const content = await folder();
    await rm(join(content.path, 'd'));
    const bytes = await readFile(join(content.path, 'a'));
    bytes[0] = 255 - (bytes[0] ?? 0);
    await writeFile(join(content.path, 'a'), bytes);
    const { have, files, report } = await check(content);
    expect([...have.held()]).toEqual([1, 2, 3]);
    expect(files.map((file) => file !== undefined)).toEqual([true, true, false, true]);
    expect(report.badFiles).toEqual([
      { path: 'a', reason: 'wrong content' },
      { path: 'b/c', reason: 'unproven' },
      { path: 'd', reason: 'missing' },
    ]);
  });

  it('takes the pieces in front of where a file was cut off, and those of one that is too long', async () => {
    const content = await folder();
    await truncate(join(content.path, 'b/c'), PIECE);
    await writeFile(join(content.path, 'a'), Buffer.concat([pattern(2.5 * PIECE), pattern(1)]));
    const { have } = await check(content);
    expect([...have.held()]).toEqual([0, 1, 2]);
  });

  it('takes a folder in the place of a file for a missing file', async () => {
    const content = await folder();
    await rm(join(content.path, 'd'));
    await mkdir(join(content.path, 'd'));
    const { have, files } = await check(content);
    expect([...have.held()]).toEqual([0, 1, 2, 3]);
    expect(files[2]).toBeUndefined();
  });

  it('follows links, as only bytes with the right hashes count', async () => {
    const content = await folder();
    await rename(join(content.path, 'b'), join(content.path, 'elsewhere'));
    await symlink('elsewhere', join(content.path, 'b'));
    await rename(join(content.path, 'a'), join(content.path, 'real a'));
    await symlink('real a', join(content.path, 'a'));
    expect((await check(content)).report.matches).toBe(true);
  });

  it('needs no file for padding that a v1 .torrent lists', async () => {
    const padded = sampleContent({
      name: 'x',
      files: [
        { path: 'one', length: 1500 },
        { path: '.pad/548', length: 548, padding: true },
        { path: 'two', length: 700 },
      ],
    });
    const path = await temporaryFolder({ one: padded.file(0), two: padded.file(2) });
    const content = { path, metainfo: padded.metainfo, cacheDirectory: join(path, 'cache') };
    expect((await check(content)).have.complete).toBe(true);
    // What `share` hashes of these files has no padding, so it must not find this.
    expect(await readdir(path)).toEqual(['one', 'two']);
  });

  it('is refused where a file changes meanwhile', async () => {
    const content = await folder();
    const { path, metainfo } = content;
    const meddle = async function* (): AsyncGenerator<void> {
      await writeFile(join(path, 'd'), pattern(100));
      yield;
    };
    const meddling = meddle();
    let changed: Promise<unknown> | undefined;
    const clock = new VirtualClock(LATER_MS);
    const checking = checkSource(metainfo, path, {
      clock,
      cacheDirectory: undefined,
      onProgress: () => {
        changed ??= meddling.next();
      },
    });
    await expect(checking).rejects.toMatchObject({
      code: 'SHARE_CHANGED',
      message: expect.stringMatching(/d changed while it was being checked$/),
    });
    await changed;
  });

  it('ends with INTERRUPTED when the signal aborts', async () => {
    const { path, metainfo } = await folder();
    const options = { clock: new VirtualClock(), cacheDirectory: undefined, signal: AbortSignal.abort() };
    await expect(checkSource(metainfo, path, options)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('a content that was checked before', () => {
  it.each<TorrentVersion>(['v1', 'v2'])(
    'is not read again as %s, and its CRC-32s are known',
    async (version) => {
      const content = await folder(version);
      const first = await check(content);
      const onProgress = vi.fn();
      const second = await check(content, onProgress);
      expect(onProgress).not.toHaveBeenCalled();
      expect(second).toEqual(first);
    },
  );

  it.each<TorrentVersion>(['v1', 'v2', 'hybrid'])('or shared as %s is not read again', async (version) => {
    const content = await folder(version);
    const { path, cacheDirectory } = content;
    const clock = new VirtualClock(LATER_MS);
    await hashContent(path, { clock, cacheDirectory, pieceLength: PIECE, version });
    const onProgress = vi.fn();
    expect((await check(content, onProgress)).report.matches).toBe(true);
    expect(onProgress).not.toHaveBeenCalled();
  });

  it('is read again when a file was touched', async () => {
    const content = await folder();
    await check(content);
    await writeFile(join(content.path, 'a'), pattern(2.5 * PIECE));
    const onProgress = vi.fn();
    await check(content, onProgress);
    expect(onProgress).toHaveBeenCalled();
  });

  it('is compared with the hashes of another .torrent of the same files', async () => {
    const content = await folder();
    await check(content);
    const pieceHashes = content.metainfo.pieceHashes.slice();
    pieceHashes.fill(0, 20, 40);
    const { have } = await check({ ...content, metainfo: { ...content.metainfo, pieceHashes } });
    expect([...have.held()]).toEqual([0, 2, 3, 4]);
  });

  it('is not remembered as a hybrid, of which only the SHA-1s were compared', async () => {
    const content = await folder('hybrid');
    await check(content);
    await expect(readdir(content.cacheDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

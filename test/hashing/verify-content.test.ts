import { chmod, cp, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashContent } from '../../src/hashing/hash-content.ts';
import { type VerifyOptions, verifyContent } from '../../src/hashing/verify-content.ts';
import type { Metainfo, TorrentVersion } from '../../src/metainfo/metainfo.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { HYBRID_TORRENT } from '../metainfo/libtorrent-samples.ts';
import { canBeDenied, withoutPrivileges } from '../support/privileges.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { pattern, temporaryFolder } from './temporary-folder.ts';

const PIECE = 16 * 1024;

/** Pieces 0 and 1 lie in `a`, 2 in `a` and `b/c`, 3 and 4 in `b/c`, 4 in `d` too; `e` is empty. */
async function folder(version: TorrentVersion = 'v1'): Promise<{ path: string; metainfo: Metainfo }> {
  const base = await temporaryFolder({
    'x/a': pattern(2.5 * PIECE),
    'x/b/c': pattern(2 * PIECE),
    'x/d': pattern(100),
    'x/e': '',
  });
  const path = join(base, 'x');
  const { metainfo } = await hashContent(path, {
    clock: new VirtualClock(),
    cacheDirectory: undefined,
    pieceLength: PIECE,
    version,
  });
  return { path, metainfo };
}

describe('verifying a content', () => {
  it('finds that it matches, also where there is more in the folder', async () => {
    const { path, metainfo } = await folder();
    await writeFile(join(path, 'more'), 'x');
    expect(await verifyContent(metainfo, path)).toEqual({
      matches: true,
      piecesGood: 5,
      piecesTotal: 5,
      bytesGood: metainfo.length,
      badFiles: [],
    });
  });

  it.each<TorrentVersion>(['v2', 'hybrid'])(
    'of %s blames one file alone, as no piece has two',
    async (version) => {
      const { path, metainfo } = await folder(version);
      expect(await verifyContent(metainfo, path)).toMatchObject({ matches: true, piecesGood: 6 });
      await rm(join(path, 'a'));
      const bytes = pattern(100);
      bytes[99] = 0;
      await writeFile(join(path, 'd'), bytes);
      expect(await verifyContent(metainfo, path)).toMatchObject({
        matches: false,
        piecesGood: 2,
        badFiles: [
          { path: 'a', reason: 'missing' },
          { path: 'd', reason: 'wrong content' },
        ],
      });
    },
  );

  it('names the file with a wrong byte, and counts the pieces that are right', async () => {
    const { path, metainfo } = await folder();
    const bytes = pattern(2.5 * PIECE);
    bytes[PIECE] = (bytes[PIECE] ?? 0) ^ 1;
    await writeFile(join(path, 'a'), bytes);
    expect(await verifyContent(metainfo, path)).toMatchObject({
      matches: false,
      piecesGood: 4,
      bytesGood: metainfo.length - PIECE,
      badFiles: [{ path: 'a', reason: 'wrong content' }],
    });
  });

  it('tells a missing file from its neighbours, whose shared pieces cannot be checked', async () => {
    const { path, metainfo } = await folder();
    await rm(join(path, 'd'));
    await rm(join(path, 'e'));
    expect(await verifyContent(metainfo, path)).toMatchObject({
      matches: false,
      piecesGood: 4,
      badFiles: [
        { path: 'b/c', reason: 'unproven' },
        { path: 'd', reason: 'missing' },
        { path: 'e', reason: 'missing' },
      ],
    });
  });

  it('a file that is cut off counts with the pieces it still has', async () => {
    const { path, metainfo } = await folder();
    await truncate(join(path, 'a'), PIECE + 5);
    expect(await verifyContent(metainfo, path)).toMatchObject({
      piecesGood: 3,
      badFiles: [
        { path: 'a', reason: 'wrong size' },
        { path: 'b/c', reason: 'unproven' },
      ],
    });
  });

  it('a file that is longer is not the same, though all pieces are right', async () => {
    const { path, metainfo } = await folder();
    await writeFile(join(path, 'e'), 'x');
    expect(await verifyContent(metainfo, path)).toMatchObject({
      matches: false,
      piecesGood: 5,
      badFiles: [{ path: 'e', reason: 'wrong size' }],
    });
  });

  it('a folder in the place of a file is no file, and a file in the place of a folder hides what is below', async () => {
    const { path, metainfo } = await folder();
    await rm(join(path, 'd'));
    await mkdir(join(path, 'd'));
    await rm(join(path, 'b'), { recursive: true });
    await writeFile(join(path, 'b'), '');
    const { badFiles } = await verifyContent(metainfo, path);
    expect(badFiles).toEqual([
      { path: 'a', reason: 'unproven' },
      { path: 'b/c', reason: 'missing' },
      { path: 'd', reason: 'not a file' },
    ]);
  });

  it('a single file is named by its name', async () => {
    const base = await temporaryFolder({ 'movie.txt': pattern(100) });
    const path = join(base, 'movie.txt');
    const { metainfo } = await hashContent(path, { clock: new VirtualClock(), cacheDirectory: undefined });
    await cp(path, join(base, 'copy'));
    expect((await verifyContent(metainfo, join(base, 'copy'))).matches).toBe(true);
    await writeFile(join(base, 'copy'), pattern(100).reverse());
    expect(await verifyContent(metainfo, join(base, 'copy'))).toMatchObject({
      matches: false,
      badFiles: [{ path: 'movie.txt', reason: 'wrong content' }],
    });
    expect(await verifyContent(metainfo, base)).toMatchObject({
      badFiles: [{ path: 'movie.txt', reason: 'not a file' }],
    });
  });

  it('padding is not looked for on disk', async () => {
    const { metainfo } = parseTorrent(HYBRID_TORRENT);
    const base = await temporaryFolder({ 'pair/a.txt': 'a'.repeat(20_000), 'pair/b.txt': 'b'.repeat(10) });
    expect(await verifyContent(metainfo, join(base, 'pair'))).toMatchObject({ matches: true, piecesGood: 3 });
    await writeFile(join(base, 'pair', 'b.txt'), 'c'.repeat(10));
    expect((await verifyContent(metainfo, join(base, 'pair'))).badFiles).toEqual([
      { path: 'b.txt', reason: 'wrong content' },
    ]);
  });

  it('content without a byte matches where its files are there', async () => {
    const base = await temporaryFolder({ 'x/a': '', 'x/b': '' });
    const path = join(base, 'x');
    const { metainfo } = await hashContent(path, { clock: new VirtualClock(), cacheDirectory: undefined });
    expect(await verifyContent(metainfo, path)).toMatchObject({ matches: true, piecesTotal: 0 });
    await rm(join(path, 'b'));
    expect(await verifyContent(metainfo, path)).toMatchObject({ matches: false });
  });

  it('until the first fault reads nothing where a size differs', async () => {
    const { path, metainfo } = await folder();
    await truncate(join(path, 'd'), 5);
    const said: number[] = [];
    const options: VerifyOptions = { untilFirstFault: true, onProgress: (done) => said.push(done) };
    expect(await verifyContent(metainfo, path, options)).toMatchObject({ matches: false, piecesGood: 0 });
    expect(said).toEqual([]);
  });

  it('until the first fault is certain of a match', async () => {
    const { path, metainfo } = await folder();
    expect((await verifyContent(metainfo, path, { untilFirstFault: true })).matches).toBe(true);
    await writeFile(join(path, 'd'), pattern(100).reverse());
    expect((await verifyContent(metainfo, path, { untilFirstFault: true })).matches).toBe(false);
  });

  it.skipIf(!canBeDenied)(
    'of nothing at all, or of what may not be read, is an error that names it',
    async () => {
      const { path, metainfo } = await folder();
      await expect(verifyContent(metainfo, `${path}-missing`)).rejects.toMatchObject({
        code: 'NO_SUCH_PATH',
      });
      await chmod(join(path, 'a'), 0);
      await withoutPrivileges(join(path, '..'), async () => {
        await expect(verifyContent(metainfo, path)).rejects.toMatchObject({
          code: 'NOT_PERMITTED',
          message: expect.stringContaining(join(path, 'a')),
        });
      });
    },
  );

  it('ends when it is interrupted', async () => {
    const { path, metainfo } = await folder();
    const verifying = verifyContent(metainfo, path, { signal: AbortSignal.abort() });
    await expect(verifying).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type HashContentOptions, hashContent } from '../../src/hashing/hash-content.ts';
import { expectedPiece, expectedTree } from '../../src/metainfo/expected-piece.ts';
import { allPieces } from '../../src/metainfo/metainfo.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { pattern, temporaryFolder } from './temporary-folder.ts';

const PIECE = 16 * 1024;
const clock = new VirtualClock();

function hash(path: string, options: Partial<HashContentOptions>) {
  return hashContent(path, { clock, cacheDirectory: undefined, pieceLength: PIECE, ...options });
}

describe('the version that fits', () => {
  it('is a hybrid for a single file, which needs no padding', async () => {
    const folder = await temporaryFolder({ movie: pattern(PIECE + 1) });
    const { metainfo, warnings } = await hash(join(folder, 'movie'), { version: 'fitting' });
    expect(metainfo.version).toBe('hybrid');
    expect(warnings).toEqual([]);
  });

  it.each([
    [PIECE - 1_000, 'hybrid'],
    [PIECE / 2, 'v1'],
  ])('of a folder whose first file has nine pieces and %i bytes more is %s', async (more, version) => {
    const folder = await temporaryFolder({ 'x/a': pattern(9 * PIECE + more), 'x/b': pattern(10) });
    const { metainfo, warnings } = await hash(join(folder, 'x'), { version: 'fitting' });
    expect(metainfo.version).toBe(version);
    expect(warnings).toEqual(
      version === 'hybrid'
        ? []
        : [
            'x is described for BitTorrent v1 alone: for v2, padding between its files would make it 6 % larger (--hybrid does that)',
          ],
    );
  });
});

describe('a hybrid', () => {
  it('has the info-hashes that libtorrent 2.0.8 gives the same folder without padding at its end', async () => {
    const folder = await temporaryFolder({ 'pair/a.txt': 'a'.repeat(20_000), 'pair/b.txt': 'b'.repeat(10) });
    const { metainfo } = await hash(join(folder, 'pair'), { version: 'hybrid' });
    expect(metainfo.infoHash).toBe('994e5bf15169468f9a24bf94ae720603d307ffb8');
    expect(metainfo.infoHashV2).toBe('78d20794a8815426970a4a863699baed19a163c8f1ce5d640f95278d17b1b151');
  });

  it('has a source for each file, at the place that the metainfo gives it', async () => {
    const folder = await temporaryFolder({ 'x/a': pattern(10), 'x/b': pattern(20), 'x/c': '' });
    const { metainfo, files, crc32s } = await hash(join(folder, 'x'), { version: 'hybrid' });
    expect(metainfo.files.map(({ padding }) => padding)).toEqual([false, true, false, false]);
    expect(files.map(({ absolutePath, length }) => [absolutePath, length])).toEqual([
      [join(folder, 'x', 'a'), 10],
      [join(folder, 'x'), PIECE - 10],
      [join(folder, 'x', 'b'), 20],
      [join(folder, 'x', 'c'), 0],
    ]);
    expect(crc32s).toHaveLength(2);
  });

  it('says the same of its pieces in both parts as v1 and v2 alone', async () => {
    const folder = await temporaryFolder({ 'x/a': pattern(3 * PIECE), 'x/b': pattern(PIECE + 5) });
    const [v1, v2, hybrid] = await Promise.all(
      (['v1', 'v2', 'hybrid'] as const).map((version) => hash(join(folder, 'x'), { version })),
    );
    for (const index of allPieces(5)) {
      if (v1 === undefined || v2 === undefined || hybrid === undefined) throw new Error('three are made');
      expect(expectedPiece(hybrid.metainfo, index)).toEqual(expectedPiece(v1.metainfo, index));
      expect(expectedTree(hybrid.metainfo, index)).toEqual(expectedPiece(v2.metainfo, index));
    }
  });
});

describe('v2 alone', () => {
  it('cannot describe a folder whose one file has the name of the folder', async () => {
    const folder = await temporaryFolder({ 'x/x': 'hello' });
    await expect(hash(join(folder, 'x'), { version: 'v2' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(hash(join(folder, 'x'), { version: 'hybrid' })).resolves.toMatchObject({
      metainfo: { kind: 'folder' },
    });
  });

  it('may be content without a byte', async () => {
    const folder = await temporaryFolder({ 'x/a': '', 'x/b': '' });
    const { metainfo } = await hash(join(folder, 'x'), { version: 'v2' });
    expect(metainfo).toMatchObject({ version: 'v2', pieceCount: 0, length: 0 });
  });
});

describe('a private content', () => {
  it('has another info-hash', async () => {
    const folder = await temporaryFolder({ movie: 'hello' });
    const open = await hash(join(folder, 'movie'), {});
    const closed = await hash(join(folder, 'movie'), { private: true });
    expect(closed.metainfo.private).toBe(true);
    expect(closed.metainfo.infoHash).not.toBe(open.metainfo.infoHash);
  });
});

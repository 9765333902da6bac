import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashContent } from '../../src/hashing/hash-content.ts';
import { verifyContent } from '../../src/hashing/verify-content.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { pattern, temporaryFolder } from '../hashing/temporary-folder.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { createWithLibtorrent, libtorrentPython, loadWithLibtorrent } from './libtorrent.ts';

const KiB = 1024;
const clock = new VirtualClock();

/** Shorter than a block, a whole block, a piece, several pieces and some, nothing; names beyond ASCII. */
const CONTENTS: Record<string, Uint8Array> = {
  'pair/a.txt': pattern(20_000),
  'pair/b.txt': pattern(10),
  'pair/block': pattern(16 * KiB),
  'pair/empty': pattern(0),
  'pair/sub/deep/c': pattern(1_000_003),
  'pair/sub/piece': pattern(32 * KiB),
  'pair/z-empty': pattern(0),
  'pair/\u{1f600}': pattern(50_000),
  'pair/\uffee': pattern(40_000),
  'one.bin': pattern(300_001),
  'tiny.bin': pattern(1),
};

async function create(path: string, version: 'v1' | 'v2' | 'hybrid', pieceLength: number) {
  const { metainfo } = await hashContent(path, { clock, version, pieceLength, cacheDirectory: undefined });
  return metainfo;
}

const CASES = (['v1', 'v2', 'hybrid'] as const).flatMap((version) =>
  ['pair', 'one.bin', 'tiny.bin'].flatMap((name) =>
    [16 * KiB, 32 * KiB, 256 * KiB].map((pieceLength) => [version, name, pieceLength] as const),
  ),
);

describe.skipIf(libtorrentPython === undefined)('libtorrent and lanshare', () => {
  it.each(CASES)(
    '%s of %s in pieces of %i bytes: the same info-hashes',
    async (version, name, pieceLength) => {
      const folder = await temporaryFolder(CONTENTS);
      const path = join(folder, name);
      const ours = await create(path, version, pieceLength);
      const theirs = parseTorrent(createWithLibtorrent(path, version, pieceLength)).metainfo;
      expect(theirs.version).toBe(version);

      const seen = loadWithLibtorrent(buildTorrent(ours));
      expect(seen.v1).toBe(version === 'v2' ? '' : ours.infoHash);
      expect(seen.v2).toBe(ours.infoHashV2 ?? '');
      expect(seen.pieces).toBe(ours.pieceCount);
      expect(seen.files).toEqual(
        ours.files
          .filter((file) => !file.padding)
          .map((file) => [[ours.name, ...file.path].join('/'), file.length]),
      );
      // In v1 libtorrent lists files as the disk does.
      if (version !== 'v1' || name !== 'pair') expect(theirs).toEqual(ours);

      for (const metainfo of [ours, theirs]) {
        const report = await verifyContent(metainfo, path, { clock });
        expect(report).toMatchObject({ matches: true, piecesGood: metainfo.pieceCount });
      }
    },
  );

  it('read the same trackers, web seeds, comment and private flag', async () => {
    const folder = await temporaryFolder(CONTENTS);
    const { metainfo } = await hashContent(join(folder, 'pair'), {
      clock,
      version: 'hybrid',
      private: true,
      cacheDirectory: undefined,
    });
    const seen = loadWithLibtorrent(
      buildTorrent(metainfo, {
        trackers: [['http://a/announce', 'udp://b:1'], ['http://c/announce']],
        webSeeds: ['http://files/'],
        comment: 'hi',
      }),
    );
    // It shuffles the trackers of a tier (BEP 12).
    expect(seen.trackers.toSorted()).toEqual([
      ['http://a/announce', 0],
      ['http://c/announce', 1],
      ['udp://b:1', 0],
    ]);
    expect(seen).toMatchObject({
      webSeeds: ['http://files/'],
      private: true,
      comment: 'hi',
    });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { verifyContent } from '../../src/hashing/verify-content.ts';
import { filesLength } from '../../src/metainfo/metainfo.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';

const FOLDER = fileURLToPath(new URL('webtorrent-fixtures', import.meta.url));

async function load(name: string) {
  return parseTorrent(await readFile(join(FOLDER, `${name}.torrent`)));
}

/** Info-hash, bytes, piece length, pieces and files as the package parse-torrent 11 reads them. */
const FIXTURES = {
  alice: ['722fe65b2aa26d14f35b4ad627d20236e481d924', 163_783, 16_384, 10, 1],
  bunny: ['af8f10f30bf9aefecf3686922bfa0d5bd290a395', 434_839_491, 524_288, 830, 1],
  folder: ['b88da2caac6648e6c7d7687e3f89085f7e230e6b', 15, 16_384, 1, 1],
  leaves: ['d2474e86c95b19b8bcfdb92bc12c9d44667cfa36', 362_017, 16_384, 23, 1],
  'leaves-metadata': ['d2474e86c95b19b8bcfdb92bc12c9d44667cfa36', 362_017, 16_384, 23, 1],
  'lots-of-numbers': ['114ead6243792ba56297edbb9a78dfba84d4fc00', 12, 16_384, 1, 6],
  numbers: ['89d97c2261a21b040cf11caa661a3ba7233bb7e6', 6, 16_384, 1, 3],
  sintel: ['c334138ef5bfc2d568ea7324e0e2a3a7ec229bdd', 5_490_455_272, 4_194_304, 1_310, 1],
} as const;

describe("webtorrent's own sample torrents", () => {
  it.each(Object.entries(FIXTURES))('%s is read as webtorrent reads it', async (name, facts) => {
    const { metainfo } = await load(name);
    const { infoHash, pieceLength, pieceCount, files } = metainfo;
    expect([infoHash, filesLength(metainfo), pieceLength, pieceCount, files.length]).toEqual(facts);
  });

  it.each([
    ['alice', 'alice.txt'],
    ['folder', 'folder'],
    ['numbers', 'numbers'],
    ['lots-of-numbers', 'lots-of-numbers'],
  ])('what %s describes lies beside it', async (name, content) => {
    const { metainfo } = await load(name);
    expect(metainfo.name).toBe(content);
    expect(await verifyContent(metainfo, join(FOLDER, content))).toMatchObject({ matches: true });
  });

  it('bunny is private and has a web seed', async () => {
    const { metainfo, webSeeds } = await load('bunny');
    expect(metainfo.private).toBe(true);
    expect(webSeeds).toEqual([
      'http://distribution.bbb3d.renderfarming.net/video/mp4/bbb_sunflower_1080p_30fps_stereo_abl.mp4',
    ]);
  });

  it('the one without a name is refused', async () => {
    await expect(load('corrupt')).rejects.toMatchObject({ code: 'NOT_A_TORRENT', exitCode: 8 });
  });
});

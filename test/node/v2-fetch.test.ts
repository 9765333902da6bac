import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatMagnet, parseMagnet } from '../../src/metainfo/magnet.ts';
import type { TorrentVersion } from '../../src/metainfo/metainfo.ts';
import { parseInfo } from '../../src/metainfo/parse-info.ts';
import type { FetchTarget, LanshareNode, Share } from '../../src/node/api.ts';
import { byHash, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';

const nodes = new LoopbackNodes();
const bytes = someBytes(3_000_000);

beforeEach(() => nodes.begin());

afterEach(async () => {
  expect(await nodes.end()).toEqual([]);
});

async function shared(version: TorrentVersion): Promise<{ sharer: LanshareNode; share: Share }> {
  const file = path.join(await nodes.folder(), 'movie.txt');
  await writeFile(file, bytes);
  const sharer = await nodes.node();
  return { sharer, share: await sharer.share(file, { version, pieceLength: 32_768 }) };
}

/** By the v2 info-hash alone. */
function byV2Magnet({ metainfo }: Share, sharer: LanshareNode): FetchTarget {
  const link = `magnet:?xt=urn:btmh:1220${metainfo.infoHashV2}&x.pe=127.0.0.1:${sharer.port}`;
  return { kind: 'magnet', magnet: parseMagnet(link) };
}

async function fetched(fetcher: LanshareNode, target: FetchTarget): Promise<Buffer> {
  const out = await nodes.folder();
  const result = await fetcher.fetch(target, { out, seed: { kind: 'none' } });
  await result.seeded;
  return readFile(path.join(out, 'movie.txt'));
}

describe('a share of v2 alone', () => {
  it('is fetched by its info-hash', async () => {
    const { sharer, share } = await shared('v2');
    const fetcher = await nodes.nodeBeside([sharer]);
    expect((await fetched(fetcher, byHash(share))).equals(bytes)).toBe(true);
  });

  it('is fetched by a magnet link, and served on to the next who has only that', async () => {
    const { sharer, share } = await shared('v2');
    const first = await nodes.node();
    const out = await nodes.folder();
    await first.fetch(byV2Magnet(share, sharer), { out, seed: { kind: 'forever' } });
    await share.close();
    const second = await nodes.node();
    expect((await fetched(second, byV2Magnet(share, first))).equals(bytes)).toBe(true);
  });

  it('is fetched by a .torrent that leaves the hashes of its pieces out', async () => {
    const { sharer, share } = await shared('v2');
    const bare = parseInfo(share.metainfo.infoBytes);
    const torrent = { metainfo: bare, trackers: [], webSeeds: [], comment: undefined, createdBy: undefined };
    const fetcher = await nodes.nodeBeside([sharer]);
    const target: FetchTarget = { kind: 'torrent', torrent: { ...torrent, creationDate: undefined } };
    expect((await fetched(fetcher, target)).equals(bytes)).toBe(true);
  });

  it('has a magnet link that says the same when it is read', async () => {
    const { sharer, share } = await shared('v2');
    const target = byV2Magnet(share, sharer);
    if (target.kind !== 'magnet') throw new Error('no magnet link');
    expect(target.magnet.infoHash).toBe(share.metainfo.infoHash);
    expect(parseMagnet(formatMagnet(target.magnet))).toEqual(target.magnet);
  });
});

describe('a hybrid share', () => {
  it('is fetched by either name, and by both', async () => {
    const { sharer, share } = await shared('hybrid');
    const { infoHash, infoHashV2 } = share.metainfo;
    const both = parseMagnet(
      `magnet:?xt=urn:btih:${infoHash}&xt=urn:btmh:1220${infoHashV2}&x.pe=127.0.0.1:${sharer.port}`,
    );
    const fetcher = await nodes.nodeBeside([sharer]);
    expect((await fetched(fetcher, byHash(share))).equals(bytes)).toBe(true);
    expect((await fetched(fetcher, byV2Magnet(share, sharer))).equals(bytes)).toBe(true);
    expect((await fetched(fetcher, { kind: 'magnet', magnet: both })).equals(bytes)).toBe(true);
  });
});

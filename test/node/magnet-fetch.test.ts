import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatMagnet, parseMagnet } from '../../src/metainfo/magnet.ts';
import type { LanshareNode, Share } from '../../src/node/api.ts';
import { givenSources } from '../../src/node/given-sources.ts';
import { byHash, byTorrent, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';

const nodes = new LoopbackNodes();

beforeEach(() => nodes.begin());

afterEach(async () => {
  expect(await nodes.end()).toEqual([]);
});

async function shared(name: string, bytes: Uint8Array): Promise<{ sharer: LanshareNode; share: Share }> {
  const file = path.join(await nodes.folder(), name);
  await writeFile(file, bytes);
  const sharer = await nodes.node();
  return { sharer, share: await sharer.share(file) };
}

describe('a fetch by magnet link', () => {
  it('asks the peers that the link names', async () => {
    const bytes = someBytes(300_000);
    const { sharer, share } = await shared('movie.txt', bytes);
    const link = `magnet:?xt=urn:btih:${share.metainfo.infoHash}&x.pe=127.0.0.1:${sharer.port}`;
    const fetcher = await nodes.node();
    const out = await nodes.folder();
    const result = await fetcher.fetch(
      { kind: 'magnet', magnet: parseMagnet(link) },
      { out, seed: { kind: 'none' } },
    );
    await result.seeded;
    expect((await readFile(path.join(out, 'movie.txt'))).equals(bytes)).toBe(true);
  });

  it('fetches the files that the link chooses, counted from 0', async () => {
    const folder = path.join(await nodes.folder(), 'album');
    await mkdir(folder);
    const songs = ['a.flac', 'b.flac', 'c.flac'];
    for (const [at, song] of songs.entries()) await writeFile(path.join(folder, song), someBytes(70_000, at));
    const sharer = await nodes.node();
    const share = await sharer.share(folder, { version: 'v1' });
    const link = `magnet:?xt=urn:btih:${share.metainfo.infoHash}&so=1-2`;
    const fetcher = await nodes.nodeBeside([sharer]);
    const target = { kind: 'magnet', magnet: parseMagnet(link) } as const;
    const out = await nodes.folder();
    await (await fetcher.fetch(target, { out, seed: { kind: 'none' } })).seeded;
    expect((await readdir(path.join(out, 'album'))).sort()).toEqual(['b.flac', 'c.flac']);
  });

  it('is called as the link says until the metainfo is here', async () => {
    const { sharer, share } = await shared('movie.txt', someBytes(100));
    const magnet = {
      ...parseMagnet(`magnet:?xt=urn:btih:${share.metainfo.infoHash}`),
      name: 'Some film',
      peers: [{ host: '127.0.0.1', port: sharer.port }],
    };
    const fetcher = await nodes.node();
    const out = await nodes.folder();
    const result = await fetcher.fetch({ kind: 'magnet', magnet }, { out, seed: { kind: 'none' } });
    await result.seeded;
    expect(fetcher.events).toContainEqual(
      expect.objectContaining({ event: 'searching', target: 'Some film' }),
    );
    const names = fetcher.events.flatMap((event) => (event.event === 'resolved' ? [event.name] : []));
    expect(names).toEqual(['Some film', 'movie.txt']);
  });
});

describe('where to ask for a content beside what is found', () => {
  it('is what the magnet link says, each tracker in a tier of its own', () => {
    const link = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&tr=udp://a:1&tr=udp://b:2&ws=http://c/&x.pe=10.0.0.1:5`;
    const magnet = parseMagnet(link);
    expect(givenSources({ kind: 'magnet', magnet })).toEqual({
      trackers: [['udp://a:1'], ['udp://b:2']],
      webSeeds: ['http://c/'],
      peers: [{ host: '10.0.0.1', port: 5 }],
    });
    expect(parseMagnet(formatMagnet(magnet))).toEqual(magnet);
  });

  it('is nothing for a hash, and for a .torrent what stands in it', async () => {
    const { share } = await shared('movie.txt', someBytes(100));
    const none = { trackers: [], webSeeds: [], peers: [] };
    expect(givenSources(byHash(share))).toEqual(none);
    const target = byTorrent(share);
    if (target.kind !== 'torrent') throw new Error('not a torrent');
    const torrent = { ...target.torrent, trackers: [['udp://a:1', 'udp://b:2']], webSeeds: ['http://c/'] };
    expect(givenSources({ kind: 'torrent', torrent })).toEqual({
      trackers: [['udp://a:1', 'udp://b:2']],
      webSeeds: ['http://c/'],
      peers: [],
    });
  });
});

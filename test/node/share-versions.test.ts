import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Discovery } from '../../src/discovery/discovery.ts';
import type { Holding } from '../../src/holdings/holding.ts';
import { filesLength } from '../../src/metainfo/metainfo.ts';
import type { DiscoveryFactory } from '../../src/node/api.ts';
import { byHash, byTorrent, LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';

const KIB = 1024;
const NONE = { kind: 'none' } as const;
const nodes = new LoopbackNodes();

beforeEach(() => nodes.begin());

afterEach(async () => {
  expect(await nodes.end()).toEqual([]);
});

/** A folder with files of these sizes. */
async function folderOf(lengths: Readonly<Record<string, number>>): Promise<string> {
  const folder = path.join(await nodes.folder(), 'album');
  for (const [name, length] of Object.entries(lengths)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), someBytes(length, length));
  }
  return folder;
}

async function expectSameFiles(there: string, source: string): Promise<void> {
  const names = (folder: string) => readdir(folder, { recursive: true }).then((found) => found.sort());
  expect(await names(there)).toEqual(await names(source));
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.relative(source, path.join(entry.parentPath, entry.name));
    expect(await readFile(path.join(there, file))).toEqual(await readFile(path.join(source, file)));
  }
}

/** With padding of 4 %: 14 KiB behind a, 32,767 bytes behind c. */
const ALBUM = {
  'a.bin': 1_010 * KIB,
  'disc/b.bin': 96 * KIB,
  'disc/c.bin': 1,
  'disc/empty': 0,
  'z.bin': 64 * KIB,
};

describe('a share', () => {
  it('is a hybrid, and its files arrive as they are, without the padding between them', async () => {
    const source = await folderOf(ALBUM);
    const sharer = await nodes.node();
    const { metainfo } = await sharer.share(source, { pieceLength: 32 * KIB });
    expect(metainfo.version).toBe('hybrid');
    expect(metainfo.files.filter(({ padding }) => padding).map(({ length }) => length)).toEqual([
      14 * KIB,
      32 * KIB - 1,
    ]);
    const fetcher = await nodes.nodeBeside([sharer]);
    const { infoHash } = metainfo;
    const result = await fetcher.fetch(
      { kind: 'infoHash', infoHash },
      { out: await nodes.folder(), seed: NONE },
    );
    await expectSameFiles(result.path, source);
  });

  it('is as large as its files wherever that is told', async () => {
    const size = Object.values(ALBUM).reduce((sum, length) => sum + length);
    const announced: Holding[] = [];
    const sharer = await nodes.node({ platform: { discoveries: [listeningTo(announced)] } });
    const share = await sharer.share(await folderOf(ALBUM), { pieceLength: 32 * KIB });
    expect(share.metainfo.length).toBeGreaterThan(size);
    expect(announced).toMatchObject([{ length: size, pieceCount: share.metainfo.pieceCount }]);
    expect(sharer.events).toContainEqual(
      expect.objectContaining({ event: 'hashing', bytesDone: size, bytesTotal: size }),
    );
    const fetcher = await nodes.nodeBeside([sharer]);
    const result = await fetcher.fetch(byTorrent(share), { out: await nodes.folder(), seed: NONE });
    expect(result.bytes).toBe(size);
    expect(fetcher.events).toContainEqual(expect.objectContaining({ event: 'done', bytes: size }));
    expect(fetcher.events).toContainEqual(
      expect.objectContaining({ event: 'progress', bytesDone: size, bytesTotal: size }),
    );
  });

  it('is of v1 where a hybrid needs much padding, and says why', async () => {
    const sharer = await nodes.node();
    const source = await folderOf({ a: 10, b: 20, c: 30 });
    const { metainfo } = await sharer.share(source);
    expect(metainfo.version).toBe('v1');
    expect(filesLength(metainfo)).toBe(metainfo.length);
    const warnings = sharer.events.flatMap((event) => (event.event === 'warning' ? [event.message] : []));
    expect(warnings).toEqual([
      expect.stringMatching(/^album is described for BitTorrent v1 alone: .*padding/),
    ]);
  });

  it.each(['v1', 'v2', 'hybrid'] as const)('is of %s where that is asked for', async (version) => {
    const source = await folderOf({ a: 40 * KIB, b: 0, c: 3 });
    const sharer = await nodes.node();
    const share = await sharer.share(source, { version, pieceLength: 32 * KIB });
    expect(share.metainfo.version).toBe(version);
    expect(sharer.events.filter(({ event }) => event === 'warning')).toEqual([]);
    const fetcher = await nodes.nodeBeside([sharer]);
    const result = await fetcher.fetch(byTorrent(share), { out: await nodes.folder(), seed: NONE });
    await expectSameFiles(result.path, source);
  });

  it.each([0, 1, 100 * KIB])('of one file of %i bytes is a hybrid without padding', async (length) => {
    const source = path.join(await nodes.folder(), 'movie.txt');
    await writeFile(source, someBytes(length));
    const sharer = await nodes.node();
    const share = await sharer.share(source, { pieceLength: 32 * KIB });
    expect(share.metainfo).toMatchObject({ version: 'hybrid', length });
    const fetcher = await nodes.nodeBeside([sharer]);
    const result = await fetcher.fetch(byHash(share), { out: await nodes.folder(), seed: NONE });
    expect(await readFile(result.path)).toEqual(await readFile(source));
  });
});

/** Finds nobody, and keeps what is announced last. */
function listeningTo(announced: Holding[]): DiscoveryFactory {
  const discovery: Discovery = {
    path: 'beacon',
    describe: () => ({ path: 'beacon', interfaces: ['lo'], problems: [] }),
    announce(holdings) {
      announced.splice(0, announced.length, ...holdings);
    },
    seek: () => () => {},
    async close() {},
  };
  return async () => discovery;
}

import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashContent } from '../../src/hashing/hash-content.ts';
import type { Torrent } from '../../src/metainfo/metainfo.ts';
import type { FetchTarget, NodeEvent } from '../../src/node/api.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { LoopbackNodes, someBytes } from '../support/loopback-nodes.ts';

const KIB = 1024;
const PIECE = 32 * KIB;
const PATIENCE = { timeout: 10_000 };
const NONE = { kind: 'none' } as const;
const nodes = new LoopbackNodes();
const servers = new Set<Server>();

beforeEach(() => nodes.begin());

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers.clear();
  expect(await nodes.end()).toEqual([]);
});

/** A file of ten pieces, and its .torrent; v1, so that every node can do with the info-hash alone. */
async function movie(details: Partial<Torrent> = {}) {
  const folder = await nodes.folder();
  const file = path.join(folder, 'movie.txt');
  const bytes = someBytes(10 * PIECE);
  await writeFile(file, bytes);
  return { folder, file, bytes, torrent: await describeAs(file, details) };
}

async function describeAs(file: string, details: Partial<Torrent> = {}): Promise<Torrent> {
  const options = { clock: systemClock, cacheDirectory: undefined, pieceLength: PIECE, private: false };
  const { metainfo } = await hashContent(file, options);
  return {
    metainfo,
    trackers: [],
    webSeeds: [],
    comment: undefined,
    createdBy: undefined,
    creationDate: undefined,
    ...details,
  };
}

function target(torrent: Torrent): FetchTarget {
  return { kind: 'torrent', torrent };
}

/** Overwrites pieces of a file with zeros. */
async function damage(file: string, ...pieces: readonly number[]): Promise<void> {
  const bytes = await readFile(file);
  for (const piece of pieces) bytes.fill(0, piece * PIECE, (piece + 1) * PIECE);
  await writeFile(file, bytes);
}

function find<Kind extends NodeEvent['event']>(events: readonly NodeEvent[], kind: Kind) {
  return events.find((event): event is Extract<NodeEvent, { event: Kind }> => event.event === kind);
}

describe('seeding', () => {
  it('serves a whole content under the info-hash of its .torrent', async () => {
    const { folder, bytes, torrent } = await movie();
    const seeder = await nodes.node();
    const share = await seeder.seed(torrent, folder);
    expect(share.metainfo.infoHash).toBe(torrent.metainfo.infoHash);
    expect(share.path).toBe(path.join(folder, 'movie.txt'));
    const fetcher = await nodes.nodeBeside([seeder]);
    const { infoHash } = torrent.metainfo;
    const result = await fetcher.fetch(
      { kind: 'infoHash', infoHash },
      { out: await nodes.folder(), seed: NONE },
    );
    expect((await readFile(result.path)).equals(bytes)).toBe(true);
  });

  it('of a damaged content gives the pieces that are right, and two such seeders make it whole', async () => {
    const { file, bytes, torrent } = await movie();
    const other = path.join(await nodes.folder(), 'copy');
    await writeFile(other, bytes);
    await damage(file, 0, 3, 9);
    await damage(other, 1, 2, 4, 8);
    const one = await nodes.node();
    const two = await nodes.node();
    await one.seed(torrent, file);
    await two.seed(torrent, other);
    expect(find(one.events, 'verified')).toMatchObject({ matches: false, piecesGood: 7, piecesTotal: 10 });
    const fetcher = await nodes.nodeBeside([one, two]);
    const result = await fetcher.fetch(target(torrent), { out: await nodes.folder(), seed: NONE });
    expect((await readFile(result.path)).equals(bytes)).toBe(true);
    expect(result.peers).toBe(2);
  });

  it('of a damaged content fetches nothing, though others have the rest', async () => {
    const { file, bytes, torrent } = await movie();
    const seeder = await nodes.node();
    await seeder.seed(torrent, file);
    const copy = path.join(await nodes.folder(), 'copy');
    await writeFile(copy, bytes);
    await damage(copy, 5);
    const damaged = await nodes.nodeBeside([seeder]);
    const share = await damaged.seed(torrent, copy);
    const fetcher = await nodes.nodeBeside([seeder, damaged]);
    await fetcher.fetch(target(torrent), { out: await nodes.folder(), seed: NONE });
    await share.close();
    expect((await readFile(copy)).subarray(5 * PIECE, 6 * PIECE).every((byte) => byte === 0)).toBe(true);
    expect(find(damaged.events, 'done')).toBeUndefined();
  });

  it('of a folder with a file missing and one cut off gives the rest', async () => {
    const folder = path.join(await nodes.folder(), 'album');
    await mkdir(folder);
    await writeFile(path.join(folder, 'a'), someBytes(3 * PIECE, 1));
    await writeFile(path.join(folder, 'b'), someBytes(3 * PIECE, 2));
    await writeFile(path.join(folder, 'c'), someBytes(3 * PIECE, 3));
    const torrent = await describeAs(folder);
    await rm(path.join(folder, 'a'));
    await truncate(path.join(folder, 'c'), 2 * PIECE + 1);
    const seeder = await nodes.node();
    await seeder.seed(torrent, folder);
    expect(find(seeder.events, 'verified')).toMatchObject({
      piecesGood: 5,
      badFiles: [
        { path: 'a', reason: 'missing' },
        { path: 'c', reason: 'wrong size' },
      ],
    });
    const fetcher = await nodes.nodeBeside([seeder]);
    const fetching = fetcher.fetch(target(torrent), { out: await nodes.folder(), timeoutMs: 1_500 });
    await expect(fetching).rejects.toMatchObject({ code: 'NOBODY_HAS_IT' });
    expect(fetcher.events.filter(({ event }) => event === 'progress').at(-1)).toMatchObject({
      bytesDone: 5 * PIECE,
    });
  });

  it('of what is something else altogether is refused, and says what is wrong', async () => {
    const { file, torrent } = await movie();
    await writeFile(file, someBytes(10 * PIECE, 7));
    const seeder = await nodes.node();
    await expect(seeder.seed(torrent, file)).rejects.toMatchObject({
      code: 'CONTENT_MISMATCH',
      exitCode: 7,
      message: expect.stringMatching(/^there is nothing to seed: .* \(movie\.txt: wrong content\)$/),
    });
    expect(find(seeder.events, 'sharing')).toBeUndefined();
  });

  it('twice of the same content is refused', async () => {
    const { file, torrent } = await movie();
    const seeder = await nodes.node();
    await seeder.seed(torrent, file);
    await expect(seeder.seed(torrent, file)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('ends when a file changes, as a share does', async () => {
    const { file, torrent } = await movie();
    await damage(file, 2);
    const seeder = await nodes.node();
    await seeder.seed(torrent, file);
    await damage(file, 3);
    await vi.waitFor(() => expect(find(seeder.events, 'withdrawn')?.error.code).toBe('SHARE_CHANGED'), {
      timeout: 10_000,
    });
  });

  it('tells the trackers of the .torrent what is missing, and that it has ended', async () => {
    const asked: URLSearchParams[] = [];
    const tracker = createServer((request, response) => {
      asked.push(new URL(request.url ?? '', 'http://tracker').searchParams);
      response.end('d8:intervali1800e5:peers0:e');
    });
    servers.add(tracker);
    await new Promise<void>((resolve) => tracker.listen(0, '127.0.0.1', resolve));
    const { port } = tracker.address() as AddressInfo;
    const { file, torrent } = await movie({ trackers: [[`http://127.0.0.1:${port}/announce`]] });
    await damage(file, 0, 1);
    const seeder = await nodes.node();
    const share = await seeder.seed(torrent, file);
    const isWorking = (event: NodeEvent): boolean =>
      event.event === 'trackers' && event.trackers.some(({ state }) => state === 'working');
    await vi.waitFor(() => expect(seeder.events.some(isWorking)).toBe(true), PATIENCE);
    await share.close();
    const announced = asked.filter((query) => query.has('event'));
    expect(announced.map((query) => [query.get('event'), query.get('left')])).toEqual([
      ['started', String(2 * PIECE)],
      ['stopped', String(2 * PIECE)],
    ]);
  });
});

describe('a goal', () => {
  it.each([{}, { dialect: 'bittorrent' }] as const)(
    'of a ratio ends a share when that much was sent, and its peer %o has all',
    async (options) => {
      const { file, bytes } = await movie();
      const sharer = await nodes.node();
      const share = await sharer.share(file, { pieceLength: PIECE, until: { kind: 'ratio', ratio: 1 } });
      const fetcher = await nodes.nodeBeside([sharer], options);
      const { infoHash } = share.metainfo;
      const result = await fetcher.fetch(
        { kind: 'infoHash', infoHash },
        { out: await nodes.folder(), seed: NONE },
      );
      expect((await readFile(result.path)).equals(bytes)).toBe(true);
      await vi.waitFor(() => expect(find(sharer.events, 'seeded')).toBeDefined(), PATIENCE);
      expect(find(sharer.events, 'seeded')).toMatchObject({
        reached: 'ratio',
        uploadedBytes: bytes.length,
        ratio: 1,
      });
    },
  );

  it('of a small ratio lets the piece that is being sent arrive whole', async () => {
    const { file } = await movie();
    const sharer = await nodes.node({ limitUp: 4 * PIECE });
    const until = { kind: 'ratio', ratio: 0.01 } as const;
    const share = await sharer.share(file, { pieceLength: PIECE, until });
    const fetcher = await nodes.nodeBeside([sharer]);
    const { infoHash } = share.metainfo;
    const options = { out: await nodes.folder(), timeoutMs: 2_000 };
    await expect(fetcher.fetch({ kind: 'infoHash', infoHash }, options)).rejects.toMatchObject({
      code: 'NOBODY_HAS_IT',
    });
    await vi.waitFor(() => expect(find(sharer.events, 'seeded')).toBeDefined(), PATIENCE);
    const { uploadedBytes } = find(sharer.events, 'seeded') ?? { uploadedBytes: 0 };
    const last = fetcher.events.filter(({ event }) => event === 'progress').at(-1);
    expect(uploadedBytes % PIECE).toBe(0);
    expect(last).toMatchObject({ bytesDone: uploadedBytes });
  });

  it('of time, or a ratio, ends with what comes first', async () => {
    const { file, torrent } = await movie();
    const seeder = await nodes.node();
    const time = { kind: 'time', ms: 20 } as const;
    const ratio = { kind: 'ratio', ratio: 5 } as const;
    await seeder.seed(torrent, file, { until: { kind: 'first of', goals: [ratio, time] } });
    await vi.waitFor(
      () => expect(find(seeder.events, 'seeded')).toMatchObject({ reached: 'time', ratio: 0 }),
      PATIENCE,
    );
    // It is free to be seeded again.
    await (await seeder.seed(torrent, file)).close();
  });

  it('of a share that is closed before is not reached', async () => {
    const { file, torrent } = await movie();
    const seeder = await nodes.node();
    const share = await seeder.seed(torrent, file, { until: { kind: 'ratio', ratio: 1 } });
    await share.close();
    await seeder.close();
    expect(find(seeder.events, 'seeded')).toBeUndefined();
  });

  it('of a content without a byte is its time alone', async () => {
    const file = path.join(await nodes.folder(), 'empty');
    await writeFile(file, '');
    const sharer = await nodes.node();
    const ratio = { kind: 'ratio', ratio: 1 } as const;
    const time = { kind: 'time', ms: 30 } as const;
    await sharer.share(file, { until: { kind: 'first of', goals: [ratio, time] } });
    await vi.waitFor(
      () => expect(find(sharer.events, 'seeded')).toMatchObject({ reached: 'time', ratio: undefined }),
      PATIENCE,
    );
  });

  it('of a ratio after a fetch is served to others, then over', async () => {
    const { file, bytes, torrent } = await movie();
    const sharer = await nodes.node();
    const share = await sharer.seed(torrent, file);
    const first = await nodes.nodeBeside([sharer]);
    const result = await first.fetch(target(torrent), {
      out: await nodes.folder(),
      seed: { kind: 'ratio', ratio: 1 },
    });
    await share.close();
    const second = await nodes.nodeBeside([first]);
    await second.fetch(target(torrent), { out: await nodes.folder(), seed: NONE });
    await result.seeded;
    expect(find(first.events, 'seeded')).toMatchObject({ reached: 'ratio', uploadedBytes: bytes.length });
  });
});

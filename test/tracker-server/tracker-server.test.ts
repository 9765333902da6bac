import { createSocket } from 'node:dgram';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { MemoryStore } from '../../src/tracker-server/store/memory-store.ts';
import type { PeerStore } from '../../src/tracker-server/store/peer-store.ts';
import { createTrackerServer } from '../../src/tracker-server/tracker-server.ts';
import type {
  TrackerServer,
  TrackerServerEvent,
  TrackerServerOptions,
} from '../../src/tracker-server/tracker-server-api.ts';
import { systemTrackerClient } from '../../src/trackers/system-tracker-client.ts';
import type { AnnounceRequest } from '../../src/wire/tracker/announce.ts';
import { sampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { infoHashOfContent, peerIdOf } from './announcing.ts';

const folders = new TemporaryFolders();
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await folders.remove();
});

interface RunningTracker extends TrackerServer {
  readonly events: readonly TrackerServerEvent[];
}

async function tracker(options: TrackerServerOptions = {}): Promise<RunningTracker> {
  const events: TrackerServerEvent[] = [];
  const server = await createTrackerServer({
    port: 0,
    host: '127.0.0.1',
    mdns: false,
    onEvent: (event) => events.push(event),
    ...options,
  });
  opened.push(server);
  return Object.assign(server, { events });
}

type Protocol = 'udp' | 'http';

interface Said extends Partial<AnnounceRequest> {
  readonly by?: Protocol;
  readonly infoHash?: InfoHash;
}

/** Announces as a client does, and gives the ports of the peers that it is told of. */
async function announce({ port: at }: TrackerServer, port: number, { by = 'udp', ...said }: Said = {}) {
  const client = systemTrackerClient(systemClock, systemRandom);
  try {
    const request: AnnounceRequest = {
      infoHash: infoHashOfContent(1),
      peerId: peerIdOf(`peer at ${port}`),
      port,
      uploaded: 0,
      downloaded: 0,
      left: 100,
      event: 'started',
      peersWanted: undefined,
      key: 1,
      ...said,
    };
    const how = { signal: AbortSignal.timeout(5_000), patience: 'short', trackerId: undefined } as const;
    const answer = await client.announce(`${by}://127.0.0.1:${at}/announce`, request, how);
    return { ...answer, ports: answer.peers.map((peer) => peer.port).sort() };
  } finally {
    await client.close();
  }
}

async function pageOf({ port }: TrackerServer, page: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${page}`);
}

describe('a tracker', () => {
  it('takes UDP and HTTP on one port, and hands out to each who came by the other', async () => {
    const server = await tracker();
    await announce(server, 1, { by: 'udp', left: 0 });
    expect((await announce(server, 2, { by: 'http' })).ports).toEqual([1]);
    expect((await announce(server, 3, { by: 'udp' })).ports).toEqual([1, 2]);
    expect(server.stats()).toMatchObject({
      contents: 1,
      peers: 3,
      seeders: 1,
      announces: { udp: 2, http: 1 },
      matches: 2,
      store: { kind: 'memory', unsaved: 0, fault: undefined },
    });
    expect(server.contents(10)).toEqual([
      { infoHash: infoHashOfContent(1), name: undefined, seeders: 1, leechers: 2, completed: 0 },
    ]);
  });

  it('tells where it is, and who is matched with whom', async () => {
    const server = await tracker();
    await announce(server, 1, { left: 0 });
    await announce(server, 2);
    const at = `127.0.0.1:${server.port}/announce`;
    expect(server.urls()).toEqual([`udp://${at}`, `http://${at}`]);
    expect(server.events).toEqual([
      { event: 'listening', port: server.port, urls: server.urls() },
      {
        event: 'matched',
        infoHash: infoHashOfContent(1),
        name: undefined,
        peer: { host: '127.0.0.1', port: 2 },
        with: [{ host: '127.0.0.1', port: 1 }],
      },
    ]);
  });

  it('says which interval clients are to keep', async () => {
    const server = await tracker({ intervalSeconds: 77 });
    for (const by of ['udp', 'http'] as const)
      expect((await announce(server, 1, { by })).intervalSeconds).toBe(77);
  });

  it.each(['udp', 'http'] as const)('serves only the contents that it was given, by %s', async (by) => {
    const { metainfo } = sampleContent();
    const server = await tracker({ contents: [metainfo] });
    await announce(server, 1, { by, infoHash: metainfo.infoHash });
    await expect(announce(server, 1, { by })).rejects.toThrow('does not serve this content');
    expect(server.contents(1)).toMatchObject([{ infoHash: metainfo.infoHash, name: 'movie.txt' }]);
    expect(server.stats().refused).toMatchObject({ 'not tracked': 1 });
  });

  it('serves what the whitelist folder describes, and tells its name', async () => {
    const whitelist = await folders.make();
    const { metainfo } = sampleContent({ name: 'listed.txt' });
    await writeFile(path.join(whitelist, 'x.torrent'), buildTorrent(metainfo));
    const server = await tracker({ whitelist });
    await announce(server, 1, { infoHash: metainfo.infoHash });
    await announce(server, 2, { infoHash: metainfo.infoHash });
    await expect(announce(server, 1)).rejects.toThrow('does not serve this content');
    expect(server.events.at(-1)).toMatchObject({ event: 'matched', name: 'listed.txt' });
  });

  it('hands out the .torrent files that it is given, and no others', async () => {
    const server = await tracker();
    server.handOut('a b.torrent', Buffer.from('d4:infoe'));
    const answer = await pageOf(server, '/torrents/a%20b.torrent');
    expect(answer.headers.get('content-type')).toBe('application/x-bittorrent');
    expect(await answer.text()).toBe('d4:infoe');
    expect((await pageOf(server, '/torrents/other.torrent')).status).toBe(404);
    expect(await (await pageOf(server, '/torrents')).text()).toContain('a b.torrent');
  });

  it('shows on its pages what it counts', async () => {
    const server = await tracker();
    await announce(server, 1);
    expect(await (await pageOf(server, '/stats?format=json')).json()).toMatchObject({ peers: 1 });
    expect(await (await pageOf(server, '/metrics')).text()).toContain(
      'lanshare_tracker_announces_total{protocol="udp"} 1',
    );
  });

  it.each(['udp', 'tcp'])(
    'does not start where the %s port is taken, and leaves nothing open',
    async (kind) => {
      const first = await tracker();
      await first.close();
      const squatter = await squat(kind, first.port);
      opened.push(squatter);
      const store = new ClosableStore(STORE_OPTIONS);
      await expect(tracker({ port: first.port, store })).rejects.toMatchObject({
        code: 'PORT_IN_USE',
        hint: 'another tracker may run here; --port chooses another port, 0 takes any free one',
      });
      expect(store.isClosed).toBe(true);
      await squatter.close();
      expect((await tracker({ port: first.port })).port).toBe(first.port);
    },
  );

  it('does not start without its whitelist folder, and closes the store', async () => {
    const store = new ClosableStore(STORE_OPTIONS);
    const whitelist = path.join(await folders.make(), 'missing');
    await expect(tracker({ whitelist, store })).rejects.toMatchObject({ code: 'NO_SUCH_PATH' });
    expect(store.isClosed).toBe(true);
  });

  it('does not start where it is interrupted', async () => {
    const store = new ClosableStore(STORE_OPTIONS);
    await expect(tracker({ store, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(store.isClosed).toBe(true);
  });
});

describe('a tracker with a store', () => {
  it('hands out the peers that the one before it knew', async () => {
    const store = new MemoryStore(STORE_OPTIONS);
    const first = await tracker({ store });
    await announce(first, 1, { left: 0 });
    await announce(first, 2, { event: 'completed', left: 0 });
    await first.close();
    const second = await tracker({ store });
    expect(second.events).toContainEqual({
      event: 'store',
      state: 'loaded',
      message: 'the memory store is open: it knows 2 peers of 1 content',
    });
    expect((await announce(second, 3)).ports).toEqual([1, 2]);
    expect(second.contents(1)).toMatchObject([{ completed: 1 }]);
  });

  it('knows peers of contents that are whitelisted, again', async () => {
    const { metainfo } = sampleContent();
    const store = new MemoryStore(STORE_OPTIONS);
    const options = { store, contents: [metainfo] };
    const first = await tracker(options);
    await announce(first, 1, { infoHash: metainfo.infoHash });
    await first.close();
    const second = await tracker(options);
    expect((await announce(second, 2, { infoHash: metainfo.infoHash })).ports).toEqual([1]);
  });

  it('goes on without it when it fails, tells it once, and saves everything when it works again', async () => {
    const store = new FailingStore(STORE_OPTIONS);
    const server = await tracker({ store });
    await announce(server, 1, { left: 0 });
    await until(() => server.events.some((one) => one.event === 'store' && one.state === 'failing'));
    expect((await announce(server, 2)).ports).toEqual([1]);
    expect(server.stats().store.fault).toBe('the disk is full');
    store.fails = false;
    await until(() => server.events.some((one) => one.event === 'store' && one.state === 'recovered'));
    await server.close();
    expect(server.events.flatMap((one) => (one.event === 'store' ? one.state : []))).toEqual([
      'loaded',
      'failing',
      'recovered',
    ]);
    const next = await tracker({ store });
    expect((await announce(next, 3)).ports).toEqual([1, 2]);
  });
});

const STORE_OPTIONS = { keepSeconds: 3_600, nowSeconds: () => Math.floor(systemClock.wallTime() / 1000) };

class ClosableStore extends MemoryStore {
  isClosed = false;

  override close(): Promise<void> {
    this.isClosed = true;
    return super.close();
  }
}

class FailingStore extends MemoryStore implements PeerStore {
  fails = true;

  override save(...batch: Parameters<MemoryStore['save']>): Promise<void> {
    return this.fails
      ? Promise.reject(new LanshareError('DISK_FULL', 'the disk is full'))
      : super.save(...batch);
  }
}

async function squat(kind: string, port: number): Promise<{ close(): Promise<void> }> {
  if (kind === 'udp') {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
    let closing: Promise<void> | undefined;
    return { close: () => (closing ??= new Promise((resolve) => socket.close(() => resolve()))) };
  }
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

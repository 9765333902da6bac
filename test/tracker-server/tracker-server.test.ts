import { createSocket } from 'node:dgram';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { PeerStore } from '../../src/tracker-server/store/peer-store.ts';
import type { TrackerServer } from '../../src/tracker-server/tracker-server-api.ts';
import { sampleContent } from '../support/sample-content.ts';
import { TemporaryFolders } from '../support/temporary-folders.ts';
import { infoHashOfContent } from './announcing.ts';
import { announce, RunningTrackers, until } from './running-trackers.ts';
import { MemoryStore } from './store/memory-store.ts';

const folders = new TemporaryFolders();
const trackers = new RunningTrackers();
const tracker = trackers.start.bind(trackers);
const squatters: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const squatter of squatters.splice(0)) await squatter.close();
  await trackers.close();
  await folders.remove();
});

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

  it('listens on all addresses of both families where it is told the IPv6 one for all', async () => {
    const server = await tracker({ host: '::' });
    await announce(server, 1, { by: 'udp' });
    expect((await announce(server, 2, { by: 'http' })).ports).toEqual([1]);
  });

  it('says so where it is told an address that is none of this machine', async () => {
    await expect(tracker({ host: '203.0.113.99' })).rejects.toMatchObject({
      code: 'NETWORK',
      message: 'cannot listen on an address that is none of this machine',
    });
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

  it('warns of what is wrong in its whitelist folder', async () => {
    const whitelist = await folders.make();
    await writeFile(path.join(whitelist, 'bad.torrent'), '');
    const { metainfo } = sampleContent();
    const server = await tracker({ whitelist, contents: [metainfo] });
    await announce(server, 1, { infoHash: metainfo.infoHash });
    await announce(server, 2, { infoHash: metainfo.infoHash });
    expect(server.events).toEqual([
      { event: 'warning', message: expect.stringMatching(/bad\.torrent is left out/) },
      expect.objectContaining({ event: 'listening' }),
      expect.objectContaining({ event: 'matched', name: 'movie.txt' }),
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
      squatters.push(squatter);
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

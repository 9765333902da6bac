import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { openStore } from '../../../src/tracker-server/store/open-store.ts';
import type { PeerStore } from '../../../src/tracker-server/store/peer-store.ts';
import { TemporaryFolders } from '../../support/temporary-folders.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { NOW_SECONDS, peerStoreContract } from './contract.ts';
import { RedisServer, redisServerProgram } from './redis-server.ts';
import { batchOf, contentRow, loadAll, Merged, rowsIn } from './sample-rows.ts';

async function open(url: string): Promise<PeerStore> {
  const store = await openStore(url, { clock: systemClock, random: systemRandom, keepSeconds: 3_660 });
  if (store === undefined) throw new Error(`${url} is no store`);
  return store;
}

describe.skipIf(redisServerProgram === undefined)('with a Redis server', () => {
  let server: RedisServer;
  let database = 0;
  beforeAll(async () => {
    server = await RedisServer.start('--databases', '64');
  });
  afterAll(() => server.stop());

  peerStoreContract('the Redis store', {
    open: () => open(`${server.url}/${++database}`),
    reopen: () => open(`${server.url}/${database}`),
    cleanUp: async () => {},
  });

  describe('two trackers', () => {
    const folders = new TemporaryFolders();
    const stores: PeerStore[] = [];
    const servers: RedisServer[] = [];
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close();
      for (const one of servers.splice(0)) await one.stop();
      await folders.remove();
    });

    async function follower(url: string): Promise<{ store: PeerStore; heard: Merged }> {
      const store = await open(url);
      stores.push(store);
      const heard = new Merged();
      store.follow(heard.take);
      await store.load(0, heard.take, new AbortController().signal);
      return { store, heard };
    }

    async function ownServer(...options: readonly string[]): Promise<RedisServer> {
      const own = await RedisServer.start(...options);
      servers.push(own);
      return own;
    }

    it('hear of each other what they save, and not their own', async () => {
      const url = `${server.url}/${++database}`;
      const [one, other] = [await follower(url), await follower(url)];
      await one.store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }], [contentRow('a film', 2)]));
      await other.store.save(batchOf([{ port: 2, seenAt: NOW_SECONDS, state: 'seeder' }]));
      await expect.poll(() => [one.heard.ports, other.heard.ports]).toEqual([[2], [1]]);
      expect(other.heard.peers).toEqual(rowsIn([{ port: 1, seenAt: NOW_SECONDS }]));
      expect(other.heard.completed('a film')).toBe(2);
      await one.store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS, state: 'gone' }]));
      await expect.poll(() => other.heard.ports).toEqual([]);
    });

    it('on two databases of one server do not hear of each other', async () => {
      const one = await follower(`${server.url}/${++database}`);
      const other = await follower(`${server.url}/${++database}`);
      const same = await follower(`${server.url}/${database - 1}`);
      await one.store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]));
      await expect.poll(() => same.heard.ports).toEqual([1]);
      expect(other.heard.ports).toEqual([]);
    });

    it('know the same again after Redis was stopped and started, with what it kept', async () => {
      const own = await ownServer('--appendonly', 'yes', '--dir', await folders.make());
      const [one, other] = [await follower(own.url), await follower(own.url)];
      await one.store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]));
      await expect.poll(() => other.heard.ports).toEqual([1]);
      await own.stop();
      const missed = batchOf([{ port: 2, seenAt: NOW_SECONDS }]);
      await expect(one.store.save(missed)).rejects.toMatchObject({ code: 'NETWORK' });
      await expect(one.store.save(missed)).rejects.toMatchObject({ code: 'NETWORK' });
      await own.start();
      await expect.poll(() => saves(one.store, missed), { timeout: 10_000 }).toBe(true);
      await expect.poll(() => other.heard.ports, { timeout: 10_000 }).toEqual([1, 2]);
      await expect
        .poll(() => saves(other.store, batchOf([{ port: 3, seenAt: NOW_SECONDS }])), { timeout: 10_000 })
        .toBe(true);
      await expect.poll(() => one.heard.ports, { timeout: 10_000 }).toContain(3);
      expect((await loadAll(one.store, 0)).ports).toEqual([1, 2, 3]);
    });

    it('forget who said goodbye to one of them while Redis was away', async () => {
      const own = await ownServer('--appendonly', 'yes', '--dir', await folders.make());
      const [one, other] = [await follower(own.url), await follower(own.url)];
      await one.store.save(batchOf([1, 2].map((port) => ({ port, seenAt: NOW_SECONDS }))));
      await expect.poll(() => other.heard.ports).toEqual([1, 2]);
      await own.stop();
      await own.start();
      // The first read brings them back: Redis does not know yet.
      await expect.poll(() => one.heard.ports, { timeout: 10_000 }).toEqual([1, 2]);
      const goodbye = batchOf([{ port: 1, seenAt: NOW_SECONDS, state: 'gone' }]);
      await expect.poll(() => saves(one.store, goodbye), { timeout: 10_000 }).toBe(true);
      await expect.poll(() => [one.heard.ports, other.heard.ports], { timeout: 10_000 }).toEqual([[2], [2]]);
    });

    it('go on with a server that has lost everything', async () => {
      const own = await ownServer();
      const [one, other] = [await follower(own.url), await follower(own.url)];
      await own.stop();
      await own.start();
      for (const { store } of [one, other])
        await expect.poll(() => saves(store, batchOf([])), { timeout: 10_000 }).toBe(true);
      await one.store.save(batchOf([{ port: 7, seenAt: NOW_SECONDS }]));
      await expect.poll(() => other.heard.ports).toEqual([7]);
    });

    it('are told where nothing is left of what they saved, and only then', async () => {
      const kept = await ownServer('--appendonly', 'yes', '--dir', await folders.make());
      const lost = await ownServer();
      const emptied: string[] = [];
      for (const { url } of [kept, lost]) {
        const { store } = await follower(url);
        store.follow(
          () => {},
          () => emptied.push(url),
        );
        await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]));
      }
      for (const one of [kept, lost]) {
        await one.stop();
        await one.start();
      }
      for (const store of stores)
        await expect.poll(() => saves(store, batchOf([])), { timeout: 10_000 }).toBe(true);
      expect(emptied).toEqual([lost.url]);
    });

    it('are told that, too, where a count is left, as that of a save that went on at once', async () => {
      const own = await ownServer('--appendonly', 'yes', '--dir', await folders.make());
      const { store } = await follower(own.url);
      let emptied = 0;
      store.follow(
        () => {},
        () => emptied++,
      );
      await store.save(batchOf([], [contentRow('a film', 3)]));
      await own.stop();
      await own.start();
      await expect.poll(() => emptied, { timeout: 10_000 }).toBe(1);
    });

    it('can end while Redis is away', async () => {
      const own = await ownServer();
      const { store } = await follower(own.url);
      await own.stop();
      await expect.poll(() => saves(store, batchOf([]))).toBe(false);
      await store.close();
      await expect(store.save(batchOf([]))).rejects.toMatchObject({ code: 'INTERRUPTED' });
    });

    it('can end while Redis stands still, and say that what was under way had no answer', async () => {
      const own = await ownServer();
      const { store } = await follower(own.url);
      own.signal('SIGSTOP');
      const saving = store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }])).catch((error: unknown) => error);
      await store.close();
      expect(await saving).toMatchObject({
        code: 'NETWORK',
        message: expect.stringContaining('it has not answered in time'),
      });
    });

    it('notice a server that stands still, and go on with it', async () => {
      const own = await ownServer();
      const { store } = await follower(own.url);
      own.signal('SIGSTOP');
      await expect(store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]))).rejects.toMatchObject({
        message: expect.stringContaining('it does not answer'),
      });
      own.signal('SIGCONT');
      await expect
        .poll(() => saves(store, batchOf([{ port: 2, seenAt: NOW_SECONDS }])), { timeout: 10_000 })
        .toBe(true);
    });
  });

  it('nothing that was saved stays in Redis for ever', async () => {
    const url = `${server.url}/${++database}`;
    const store = await open(url);
    await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }], [contentRow('a film', 2)]));
    await store.save(batchOf([{ port: 2, seenAt: NOW_SECONDS - 8 * 3_600 }]));
    expect((await loadAll(store, 0)).ports).toEqual([1]);
    await store.close();
    const { createClient } = await import('@redis/client');
    const client = createClient({ url });
    await client.connect();
    const keys = await client.keys('*');
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(0);
    client.destroy();
  });

  it('rows that somebody else has put there are left out', async () => {
    const url = `${server.url}/${++database}`;
    const store = await open(url);
    const heard = new Merged();
    store.follow(heard.take);
    const { createClient } = await import('@redis/client');
    const client = createClient({ url });
    await client.connect();
    await client.hSet('lanshare:tracker:peers:5:nonsense', 'a', 'b');
    await client.hSet(`lanshare:tracker:peers:999999:${'ab'.repeat(20)}`, 'a', 'b');
    await client.set(`lanshare:tracker:completed:${'ab'.repeat(20)}`, 'many');
    await client.set('lanshare:tracker:completed:x', '3');
    for (const message of ['', 'hello', `${'x'.repeat(8)}\xff\xff\xff\xff`])
      await client.publish(`lanshare:tracker:rows:${database}`, message);
    await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]));
    expect((await loadAll(store, 0)).ports).toEqual([1]);
    expect(heard.ports).toEqual([]);
    client.destroy();
    await store.close();
  });

  it('a password that is missing or wrong is said so', async () => {
    const locked = await RedisServer.start('--requirepass', 'secret');
    try {
      const address = `127.0.0.1:${locked.port}`;
      await expect(open(`redis://${address}`)).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        message: `Redis at ${address} wants a password`,
      });
      const wrong = open(`redis://:geheim@${address}`);
      await expect(wrong).rejects.toMatchObject({
        code: 'NOT_PERMITTED',
        message: `Redis at ${address} refuses this user and password`,
      });
      const store = await open(`valkey://:secret@${address}`);
      await store.save(batchOf([{ port: 1, seenAt: NOW_SECONDS }]));
      await store.close();
    } finally {
      await locked.stop();
    }
  });

  it('a database that the server does not have is said so', async () => {
    await expect(open(`${server.url}/99`)).rejects.toMatchObject({
      message: `Redis at 127.0.0.1:${server.port} refuses to work: ERR DB index is out of range`,
    });
  });
});

describe('what is no Redis server', () => {
  let server: Server | undefined;
  const sockets: Socket[] = [];
  afterEach(() => {
    server?.close();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  async function answering(text: string | undefined): Promise<string> {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      if (text === undefined) socket.destroy();
      else socket.once('data', () => socket.write(text));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return `redis://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
  }

  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9.2\r\n'])('is told by %j', async (text) => {
    await expect(open(await answering(text))).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringMatching(/^what answers as Redis at 127.0.0.1:\d+ is not Redis$/),
    });
  });

  it('may close the connection', async () => {
    await expect(open(await answering(undefined))).rejects.toMatchObject({ code: 'NETWORK' });
  });

  it('may say nothing', async () => {
    const clock = new VirtualClock();
    const opening = openStore(await answering(''), { clock, random: systemRandom, keepSeconds: 3_660 });
    opening.catch(() => {});
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(5_000);
    await expect(opening).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringMatching(/^Redis at 127.0.0.1:\d+ cannot be used: it does not answer$/),
    });
  });

  it('is not waited for any longer when the signal aborts', async () => {
    const stop = new AbortController();
    const options = {
      clock: new VirtualClock(),
      random: systemRandom,
      keepSeconds: 3_660,
      signal: stop.signal,
    };
    const opening = openStore(await answering(''), options);
    opening.catch(() => {});
    await expect.poll(() => options.clock.pending).toBe(1);
    stop.abort();
    await expect(opening).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(options.clock.pending).toBe(0);
  });

  it('may be nothing at all', async () => {
    await expect(open('redis://127.0.0.1:1')).rejects.toMatchObject({
      code: 'NETWORK',
      message: 'Redis at 127.0.0.1:1 cannot be used: nothing listens there',
    });
  });
});

async function saves(store: PeerStore, batch: Parameters<PeerStore['save']>[0]): Promise<boolean> {
  return store.save(batch).then(
    () => true,
    () => false,
  );
}

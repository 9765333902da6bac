import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { openStore } from '../../src/tracker-server/store/open-store.ts';
import { announce, type RunningTracker, RunningTrackers, until } from './running-trackers.ts';
import { RedisServer, redisServerProgram } from './store/redis-server.ts';

describe.skipIf(redisServerProgram === undefined)('two trackers on one Redis', () => {
  let redis: RedisServer;
  let database = 0;
  const trackers = new RunningTrackers();
  beforeAll(async () => {
    redis = await RedisServer.start('--databases', '64');
  });
  afterEach(() => trackers.close());
  afterAll(() => redis.stop());

  async function two(): Promise<readonly [RunningTracker, RunningTracker]> {
    const url = `${redis.url}/${++database}`;
    async function start(): Promise<RunningTracker> {
      const store = await openStore(url, { clock: systemClock, random: systemRandom, keepSeconds: 3_660 });
      return trackers.start(store === undefined ? {} : { store });
    }
    return [await start(), await start()];
  }

  it('are one: a peer that is announced to one is handed out by the other, until it says goodbye', async () => {
    const [one, other] = await two();
    await announce(one, 1, { left: 0 });
    await until(() => other.stats().seeders === 1);
    expect((await announce(other, 2)).ports).toEqual([1]);
    await until(() => one.stats().peers === 2);
    expect((await announce(one, 3, { by: 'http' })).ports).toEqual([1, 2]);
    await announce(one, 1, { left: 0, event: 'stopped' });
    await until(() => other.stats().seeders === 0);
    expect((await announce(other, 4)).ports).toEqual([2, 3]);
  });

  it('save everything once more where it has lost it: a third one knows it, too', async () => {
    const own = await RedisServer.start();
    const openOwn = () =>
      openStore(own.url, { clock: systemClock, random: systemRandom, keepSeconds: 3_660 });
    const start = async (store = openOwn()): Promise<RunningTracker> => {
      const opened = await store;
      return trackers.start(opened === undefined ? {} : { store: opened });
    };
    try {
      const one = await start();
      await announce(one, 1, { left: 0 });
      await until(() => one.stats().store.unsaved === 0);
      await own.stop();
      await own.start();
      let third = await start();
      while (third.stats().peers === 0) {
        await third.close();
        third = await start();
      }
      expect((await announce(third, 2)).ports).toEqual([1]);
    } finally {
      await trackers.close();
      await own.stop();
    }
  });

  it('go on alone while it is away, and are one again when it is back', async () => {
    const [one, other] = await two();
    await redis.stop();
    await announce(one, 1, { left: 0 });
    await announce(other, 2);
    await until(() => [one, other].every(({ stats }) => stats().store.fault !== undefined));
    expect((await announce(one, 3)).ports).toEqual([1]);
    await redis.start();
    await until(() => one.stats().peers === 3 && other.stats().peers === 3);
    expect((await announce(other, 4)).ports).toEqual([1, 2, 3]);
    await until(() => [one, other].every(({ stats }) => stats().store.fault === undefined));
    for (const { events } of [one, other])
      expect(events.flatMap((event) => (event.event === 'store' ? event.state : []))).toEqual([
        'loaded',
        'failing',
        'recovered',
      ]);
  });
});

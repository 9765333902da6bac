import { describe, expect, it } from 'vitest';
import type { LinkClosed } from '../../src/peer/peer-link.ts';
import { openWebSeed } from '../../src/peer/web-seed/web-seed-link.ts';
import { sleep } from '../../src/platform/clock.ts';
import type { HttpGet } from '../../src/platform/http-client.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { type SimulatedPeer, SimulatedSwarm } from '../support/simulated-swarm.ts';

const URL = 'http://mirror.example/movie.bin';

/** A server that gives so much a second, of these bytes. */
function server(sim: SimulatedSwarm, bytes: Buffer, bytesPerSecond: number) {
  const given = { bytes: 0 };
  const httpGet: HttpGet = async (_url, { headers = {}, signal }) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
    const body = bytes.subarray(Number(first), Number(last) + 1);
    await sleep(sim.clock, (body.length / bytesPerSecond) * 1000, signal);
    given.bytes += body.length;
    return { status: 206, headers: { 'content-range': `bytes ${first}-${last}/${bytes.length}` }, body };
  };
  return { httpGet, given };
}

function join(sim: SimulatedSwarm, peer: SimulatedPeer, httpGet: HttpGet): LinkClosed[] {
  const failed: LinkClosed[] = [];
  openWebSeed({
    url: URL,
    metainfo: sim.metainfo,
    httpGet,
    clock: sim.clock,
    logger: silentLogger,
    welcome: (link, introduction) => peer.swarm.welcome(link, introduction),
    onFailed: (reason) => failed.push(reason),
  });
  return failed;
}

describe('a web seed in a swarm', () => {
  it('is enough to fetch everything', async () => {
    const sim = new SimulatedSwarm({ seed: 1, pieces: 40 });
    const fetcher = await sim.addFetcher();
    const { httpGet, given } = server(sim, sim.content.bytes, 1_000_000);
    expect(join(sim, fetcher, httpGet)).toEqual([]);
    expect(await sim.run()).toBe(true);
    expect(given.bytes).toBe(sim.metainfo.length);
    await sim.close();
  });

  it('gives beside the peers what they cannot give as fast', async () => {
    const sim = new SimulatedSwarm({ seed: 2, pieces: 200, uplinkBytesPerSecond: 1_000_000 });
    const seed = await sim.addSeed();
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    const { httpGet, given } = server(sim, sim.content.bytes, 500_000);
    join(sim, fetcher, httpGet);
    expect(await sim.run()).toBe(true);
    expect(given.bytes).toBeGreaterThan(0.1 * sim.metainfo.length);
    expect(sim.copiesSentBy(seed)).toBeLessThan(0.9);
    expect(fetcher.swarm.counters.contributors.size).toBe(2);
    await sim.close();
  });

  it('with another content is banned, and welcomed no more', async () => {
    const sim = new SimulatedSwarm({ seed: 3, pieces: 8 });
    const fetcher = await sim.addFetcher();
    const { httpGet } = server(sim, Buffer.alloc(sim.metainfo.length), 1_000_000);
    join(sim, fetcher, httpGet);
    await sim.clock.advanceUntil(() => fetcher.changes.some(({ state }) => state === 'banned'), 10_000);
    expect(fetcher.changes.at(-1)).toMatchObject({
      state: 'banned',
      reason: expect.stringContaining('hash'),
    });
    expect(fetcher.store.have.count).toBe(0);
    expect(join(sim, fetcher, httpGet)).toMatchObject([{ by: 'us', reason: 'banned' }]);
    await sim.close();
  });
});

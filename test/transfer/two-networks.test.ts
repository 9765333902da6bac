import { afterEach, describe, expect, it } from 'vitest';
import {
  DIAL_TIMEOUT_MS,
  DUPLICATE_QUIET_MS,
  SECOND_LINK_AFTER_MS,
  SECOND_LINK_TRIAL_MS,
} from '../../src/limits.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { testSeed } from '../support/seeded-random.ts';
import { lanOf, type SimulatedPeer, SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const ETHERNET = '10.0';
const WIFI = '10.1';
const PIECES = 1_024;
let sim: SimulatedSwarm | undefined;

afterEach(async () => {
  await sim?.close();
  expect(sim?.network.openConnections ?? 0).toBe(0);
  expect(sim?.clock.pending ?? 0).toBe(0);
  sim = undefined;
});

interface TwoHosts {
  readonly sim: SimulatedSwarm;
  readonly seeder: SimulatedPeer;
  readonly fetcher: SimulatedPeer;
}

/** Two hosts that share two networks; each knows all addresses of the other. */
async function twoHosts(rates: { readonly ethernet: number; readonly wifi: number }): Promise<TwoHosts> {
  sim = new SimulatedSwarm({ seed, pieces: PIECES, uplinkBytesPerSecond: rates.ethernet });
  const routeOf = ({ host }: { host: string }) => ({ preference: 1, lan: lanOf(host), lastResort: false });
  const host = (last: number) => ({
    routeOf,
    alsoAt: { address: `${WIFI}.0.${last}`, uplinkBytesPerSecond: rates.wifi },
  });
  const seeder = await sim.addSeed(host(1));
  const fetcher = await sim.addFetcher(host(2));
  return { sim, seeder, fetcher };
}

function hears({ seeder, fetcher }: TwoHosts, ...lans: readonly string[]): void {
  const addresses = lans.map((lan) => ({ host: `${lan}.0.1`, port: seeder.endpoint.port }));
  const { pieceCount } = fetcher.store.metainfo;
  fetcher.swarm.heard({ peerId: seeder.peerId, addresses, pieceCount, pieces: { kind: 'all' } });
}

function lansInUse({ fetcher }: TwoHosts): string[] {
  return [...fetcher.swarm.sessions].map(({ link }) => lanOf(link.remote.host)).sort();
}

function lose({ sim: { network } }: TwoHosts, lan: string): void {
  network.silence(`${lan}.0.1`);
  network.silence(`${lan}.0.2`);
}

describe(`two hosts that share two networks (SEED=${seed})`, () => {
  it('use both where both are of use', async () => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 1_000_000 });
    hears(hosts, WIFI, ETHERNET);
    await hosts.sim.clock.advance(SECOND_LINK_AFTER_MS + SECOND_LINK_TRIAL_MS + 500);
    expect(lansInUse(hosts)).toEqual([ETHERNET, WIFI]);
    expect(hosts.fetcher.swarm.peerCount).toBe(1);
    expect(await hosts.sim.run()).toBe(true);
  });

  it('move to the much faster one, whichever was tried first', async () => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 100_000 });
    hears(hosts, WIFI, ETHERNET);
    const alone = (hosts.sim.metainfo.length / 2_000_000) * 1_000;
    await hosts.sim.clock.advance(SECOND_LINK_AFTER_MS + SECOND_LINK_TRIAL_MS + 500);
    expect(lansInUse(hosts)).toEqual([ETHERNET]);
    expect(await hosts.sim.run()).toBe(true);
    expect(hosts.fetcher.completeAt).toBeLessThan(alone + SECOND_LINK_AFTER_MS + 1_000);
  });

  it('do not try the slow one again at another address', async () => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 50_000 });
    hears(hosts, WIFI, ETHERNET);
    const { peerId, store } = hosts.seeder;
    const { pieceCount } = store.metainfo;
    const addresses = [{ host: `${WIFI}.9.9`, port: 1 }];
    hosts.fetcher.swarm.heard({ peerId, addresses, pieceCount, pieces: { kind: 'all' } });
    const callers = await RawPeer.listen(hosts.sim, addresses[0] ?? hosts.seeder.endpoint);
    expect(await hosts.sim.run()).toBe(true);
    expect(callers).toEqual([]);
  });

  it.each([ETHERNET, WIFI])('go on at once when %s is lost', async (lost) => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 1_000_000 });
    hears(hosts, ETHERNET, WIFI);
    await hosts.sim.clock.advance(2_000);
    lose(hosts, lost);
    const before = hosts.fetcher.store.have.count;
    await hosts.sim.clock.advance(1_000);
    expect(hosts.fetcher.store.have.count).toBeGreaterThan(before + 10);
    expect(await hosts.sim.run()).toBe(true);
  });

  it('have one link where the second network is only heard of', async () => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 1_000_000 });
    lose(hosts, WIFI);
    hears(hosts, ETHERNET, WIFI);
    expect(await hosts.sim.run()).toBe(true);
    expect(hosts.fetcher.changes.filter(({ state }) => state === 'connected').length).toBe(1);
  });
});

describe(`a peer with several addresses (SEED=${seed})`, () => {
  it('is reached at the next one when the better one does not answer at once', async () => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 1_000_000 });
    lose(hosts, ETHERNET);
    hears(hosts, ETHERNET, WIFI);
    await hosts.sim.clock.advance(DIAL_TIMEOUT_MS / 4);
    expect(lansInUse(hosts)).toEqual([WIFI]);
  });

  it('is reached at its new address soon after it has lost the old one', async () => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 1_000_000 });
    hears(hosts, ETHERNET);
    await hosts.sim.clock.advance(2_000);
    lose(hosts, ETHERNET);
    hears(hosts, WIFI);
    await hosts.sim.clock.advance(2_500);
    expect(lansInUse(hosts)).toContain(WIFI);
    const before = hosts.fetcher.store.have.count;
    await hosts.sim.clock.advance(1_000);
    expect(hosts.fetcher.store.have.count).toBeGreaterThan(before + 10);
  });

  it('gets its second link back when only one of two has come to an end, and only here', async () => {
    const hosts = await twoHosts({ ethernet: 500_000, wifi: 500_000 });
    hears(hosts, ETHERNET, WIFI);
    await hosts.sim.clock.advance(2_000);
    hosts.sim.network.silence(`${ETHERNET}.0.2`);
    hosts.fetcher.swarm.networkChanged(new Set([`${WIFI}.0.2`]));
    await hosts.sim.clock.advance(10);
    expect(lansInUse(hosts)).toEqual([WIFI]);
    hosts.sim.network.silence(`${ETHERNET}.0.2`, false);
    await hosts.sim.clock.advance(2 * DUPLICATE_QUIET_MS);
    expect(lansInUse(hosts)).toEqual([ETHERNET, WIFI]);
  });

  it('is dialled again as soon as our own address has changed', async () => {
    const hosts = await twoHosts({ ethernet: 2_000_000, wifi: 1_000_000 });
    hears(hosts, ETHERNET);
    await hosts.sim.clock.advance(2_000);
    lose(hosts, ETHERNET);
    hears(hosts, WIFI);
    hosts.fetcher.swarm.networkChanged(new Set([`${WIFI}.0.2`]));
    hosts.seeder.swarm.networkChanged(new Set([`${WIFI}.0.1`]));
    await hosts.sim.clock.advance(100);
    expect(lansInUse(hosts)).toEqual([WIFI]);
  });
});

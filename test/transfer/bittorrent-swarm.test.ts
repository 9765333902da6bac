import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const BLOCKS_PER_PIECE = 4;

describe(`a swarm in the BitTorrent dialect (SEED=${seed})`, () => {
  let sim: SimulatedSwarm;

  beforeEach(() => {
    sim = new SimulatedSwarm({ seed, pieceLength: BLOCKS_PER_PIECE * 16 * 1024 });
  });

  afterEach(async () => {
    await sim.close();
    expect(sim.network.openConnections).toBe(0);
    expect(sim.clock.pending).toBe(0);
  });

  const dialects = (): Set<string> =>
    new Set(sim.peers.flatMap(({ swarm }) => [...swarm.sessions].map(({ link }) => link.dialect)));

  it('brings the content from a seed to a fetcher', async () => {
    await sim.addSeed();
    const fetcher = await sim.addFetcher();
    sim.introduceAll('bittorrent');
    await sim.clock.advance(5);
    expect(dialects()).toEqual(new Set(['bittorrent']));
    expect(await sim.run()).toBe(true);
    expect(Buffer.compare(fetcher.store.bytes, sim.content.bytes)).toBe(0);
    expect(fetcher.swarm.counters.downloadedBytes).toBe(sim.metainfo.length);
  });

  it('has fetchers give each other what they have', async () => {
    const source = await sim.addSeed();
    for (let count = 0; count < 6; count++) await sim.addFetcher();
    sim.introduceAll('bittorrent');
    expect(await sim.run()).toBe(true);
    expect(sim.copiesSentBy(source)).toBeLessThan(4);
  });

  it('gives the metainfo to who has only the info-hash, and then the pieces', async () => {
    await sim.addSeed();
    const fetcher = await sim.addFetcher({ undescribed: true });
    sim.introduceAll('bittorrent');
    expect(await sim.run()).toBe(true);
    expect(Buffer.compare(fetcher.store.bytes, sim.content.bytes)).toBe(0);
  });

  it('mixes with the native dialect: pieces come from both', async () => {
    const half = Math.floor(sim.metainfo.pieceCount / 2);
    const first = await sim.addFetcher({ holds: (index) => index < half });
    const second = await sim.addFetcher({ holds: (index) => index >= half });
    const fetcher = await sim.addFetcher();
    fetcher.swarm.learn(first.endpoint, first.peerId, 'bittorrent');
    fetcher.swarm.learn(second.endpoint, second.peerId, 'lan');
    expect(await sim.run(60_000, [fetcher])).toBe(true);
    expect(fetcher.swarm.counters.contributors).toEqual(new Set([first.peerId, second.peerId]));
  });

  it('goes on when a peer is choked in the middle of a piece and unchoked later', async () => {
    await sim.addSeed({ choking: { uploadSlots: 1, intervalMs: 200, optimisticIntervalMs: 300 } });
    for (let count = 0; count < 4; count++) await sim.addFetcher();
    sim.introduceAll('bittorrent');
    expect(await sim.run()).toBe(true);
  });

  it('takes what a dead peer owed from another one', async () => {
    const dying = await sim.addSeed({ uplinkBytesPerSecond: 1_000_000 });
    await sim.addSeed({ uplinkBytesPerSecond: 1_000_000 });
    const fetcher = await sim.addFetcher();
    sim.introduceAll('bittorrent');
    await sim.clock.advance(500);
    sim.network.kill(dying.endpoint.host);
    expect(await sim.run(60_000, [fetcher])).toBe(true);
    expect(Buffer.compare(fetcher.store.bytes, sim.content.bytes)).toBe(0);
  });

  it('bans who sends what is not the content, and nobody else', async () => {
    await sim.addSeed();
    const liar = await sim.addSeed();
    const fetcher = await sim.addFetcher();
    for (let index = 0; index < sim.metainfo.pieceCount; index++) liar.store.damage(index as PieceIndex);
    fetcher.swarm.learn(liar.endpoint, liar.peerId, 'bittorrent');
    await sim.clock.advance(3_000);
    expect(fetcher.changes.map(({ state }) => state)).toContain('banned');
    sim.introduceAll('bittorrent');
    expect(await sim.run(60_000, [fetcher])).toBe(true);
    expect(Buffer.compare(fetcher.store.bytes, sim.content.bytes)).toBe(0);
  });
});

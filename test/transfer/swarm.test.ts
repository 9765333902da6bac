import { afterEach, describe, expect, it } from 'vitest';
import { peerIdFromBytes } from '../../src/holdings/holding.ts';
import { SLOT_UNUSED_AFTER_MS, STALL_TIMEOUT_MS } from '../../src/limits.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm, type SimulatedSwarmOptions } from '../support/simulated-swarm.ts';

const seed = testSeed();
let swarm: SimulatedSwarm | undefined;

function simulate(options: Omit<SimulatedSwarmOptions, 'seed'> = {}): SimulatedSwarm {
  swarm = new SimulatedSwarm({ seed, ...options });
  return swarm;
}

afterEach(async () => {
  await swarm?.close();
  // What was opened is closed: no connection is left, and no timer that would keep a process alive.
  expect(swarm?.network.openConnections ?? 0).toBe(0);
  expect(swarm?.clock.pending ?? 0).toBe(0);
  swarm = undefined;
});

describe(`a swarm (SEED=${seed})`, () => {
  it('of one seed and one fetcher ends with identical bytes', async () => {
    const sim = simulate();
    await sim.addSeed();
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    expect(Buffer.from(fetcher.store.bytes).equals(sim.content.bytes)).toBe(true);
    expect(fetcher.swarm.counters.downloadedBytes).toBe(sim.metainfo.length);
  });

  it('gives the metainfo to who has only the info-hash', async () => {
    const sim = simulate();
    await sim.addSeed();
    const fetcher = await sim.addFetcher({ undescribed: true });
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    expect(Buffer.from(fetcher.store.bytes).equals(sim.content.bytes)).toBe(true);
  });

  it('passes the metainfo on among those who began without it', async () => {
    const sim = simulate();
    const source = await sim.addSeed();
    const first = await sim.addFetcher({ undescribed: true });
    const second = await sim.addFetcher({ undescribed: true });
    first.swarm.learn(source.endpoint, source.peerId);
    second.swarm.learn(first.endpoint, first.peerId);
    expect(await sim.run()).toBe(true);
    expect(second.swarm.counters.contributors).toEqual(new Set([first.peerId]));
  });

  it('of one seed and four fetchers costs the seed less than two copies', async () => {
    const sim = simulate({ pieces: 256 });
    const source = await sim.addSeed();
    for (let count = 0; count < 4; count++) await sim.addFetcher();
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    expect(sim.copiesSentBy(source)).toBeLessThan(1.5);
    // One copy through the source's uplink is the bound; five times it would be one copy for each.
    const bound = (sim.metainfo.length / 10_000_000) * 1000;
    for (const peer of sim.peers.slice(1)) expect(peer.completeAt).toBeLessThan(bound * 2);
  });

  it('of forty peers completes, nobody gets a byte that is not the content', async () => {
    const sim = simulate({ pieces: 96 });
    await sim.addSeed();
    for (let count = 0; count < 39; count++) await sim.addFetcher({ undescribed: count % 3 === 0 });
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    for (const { store } of sim.peers) expect(Buffer.from(store.bytes).equals(sim.content.bytes)).toBe(true);
  });

  it('without a seed completes from peers that hold a half each', async () => {
    const sim = simulate();
    await sim.addFetcher({ holds: (index) => index % 2 === 0 });
    await sim.addFetcher({ holds: (index) => index % 2 === 1 });
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
  });

  it('does not send a piece twice to who resumes', async () => {
    const sim = simulate();
    await sim.addSeed();
    const fetcher = await sim.addFetcher({ holds: (index) => index < 60 });
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    expect(fetcher.swarm.counters.downloadedBytes).toBe(sim.metainfo.length - 60 * sim.metainfo.pieceLength);
  });

  it('keeps one link between two peers that dial each other at the same moment', async () => {
    const sim = simulate({ pieces: 512 });
    await sim.addFetcher({ holds: (index) => index % 2 === 0 });
    await sim.addFetcher({ holds: (index) => index % 2 === 1 });
    sim.introduceAll();
    await sim.clock.advance(20);
    for (const peer of sim.peers) expect(peer.swarm.sessions.size).toBe(1);
    expect(await sim.run()).toBe(true);
  });
});

describe(`a peer that fails (SEED=${seed})`, () => {
  it('with corrupt data is banned, and the piece is fetched elsewhere', async () => {
    const sim = simulate();
    const liar = await sim.addSeed();
    for (let index = 0; index < sim.metainfo.pieceCount; index++) liar.store.damage(index as PieceIndex);
    // It believes in what it sends: its own checksums fit.
    liar.store.crc32 = () => undefined;
    await sim.addSeed();
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    expect(await sim.run(60_000, [fetcher])).toBe(true);
    expect(Buffer.from(fetcher.store.bytes).equals(sim.content.bytes)).toBe(true);
    expect(
      fetcher.changes.filter((change) => change.state === 'banned').map((change) => change.peerId),
    ).toEqual([liar.peerId]);
  });

  it('whose file changed under it notices before it sends the piece', async () => {
    const sim = simulate();
    const source = await sim.addSeed();
    source.store.damage(5 as PieceIndex);
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    expect(await sim.run(5_000, [fetcher])).toBe(false);
    expect(source.faults[0]?.code).toBe('SHARE_CHANGED');
    expect(fetcher.store.have.has(5 as PieceIndex)).toBe(false);
    expect(fetcher.changes.some((change) => change.state === 'banned')).toBe(false);
  });

  it('by falling silent is left, and its pieces come from the others', async () => {
    const sim = simulate({ pieces: 256 });
    const silent = await sim.addSeed();
    await sim.addSeed();
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    await sim.clock.advance(100);
    sim.network.silence(silent.endpoint.host);
    expect(await sim.run(STALL_TIMEOUT_MS + 5_000, [fetcher])).toBe(true);
  });

  it('by dying is left at once', async () => {
    const sim = simulate({ pieces: 256 });
    const dying = await sim.addSeed();
    await sim.addSeed();
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    await sim.clock.advance(100);
    sim.network.kill(dying.endpoint.host);
    expect(await sim.run(2_000, [fetcher])).toBe(true);
  });

  it('by being a hundred times slower than the rest does not hold the end up', async () => {
    const sim = simulate({ pieces: 256 });
    await sim.addSeed({ uplinkBytesPerSecond: 100_000 });
    await sim.addSeed();
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    expect(await sim.run(60_000, [fetcher])).toBe(true);
    const alone = (sim.metainfo.length / 10_000_000) * 1000;
    expect(fetcher.completeAt).toBeLessThan(alone * 1.5);
  });

  it('to store ends its transfer with the reason', async () => {
    const sim = simulate();
    await sim.addSeed();
    const fetcher = await sim.addFetcher();
    fetcher.store.failWrites();
    sim.introduceAll();
    expect(await sim.run(1_000, [fetcher])).toBe(false);
    expect(fetcher.faults[0]?.code).toBe('DISK_FULL');
  });
});

describe(`limits (SEED=${seed})`, () => {
  it('hold the upload of a peer to its rate, over all links', async () => {
    const sim = simulate();
    const source = await sim.addSeed({ limitUp: 100_000 });
    await sim.addFetcher();
    await sim.addFetcher();
    sim.introduceAll();
    await sim.clock.advance(5_000);
    expect(source.swarm.counters.uploadedBytes).toBeLessThan(5.5 * 100_000);
    expect(source.swarm.counters.uploadedBytes).toBeGreaterThan(4 * 100_000);
  });

  it('hold the download of a peer to its rate', async () => {
    const sim = simulate();
    await sim.addSeed();
    const fetcher = await sim.addFetcher({ limitDown: 100_000 });
    sim.introduceAll();
    await sim.clock.advance(5_000);
    expect(fetcher.swarm.counters.downloadedBytes).toBeLessThan(6 * 100_000);
    expect(fetcher.swarm.counters.downloadedBytes).toBeGreaterThan(3 * 100_000);
  });

  it('let only so many be served at once, and everybody gets a turn', async () => {
    const sim = simulate({ pieces: 32 });
    const source = await sim.addSeed({
      choking: { uploadSlots: 2, intervalMs: 500, optimisticIntervalMs: 1_000 },
    });
    for (let count = 0; count < 8; count++) await sim.addFetcher({ choking: { uploadSlots: 0 } });
    for (const peer of sim.peers.slice(1)) peer.swarm.learn(source.endpoint, source.peerId);
    let most = 0;
    while (!(await sim.run(100))) {
      const unchoked = [...source.swarm.sessions].filter((session) => !session.amChoking);
      most = Math.max(most, unchoked.length);
      if (sim.clock.now() > 60_000) break;
    }
    expect(sim.peers.every((peer) => peer.store.have.complete)).toBe(true);
    // Two by the rules and the optimistic one.
    expect(most).toBeLessThanOrEqual(3);
  });

  it('of slots are not used up by peers that ask for nothing', async () => {
    const sim = simulate();
    const source = await sim.addSeed({ choking: { uploadSlots: 2 } });
    const idlers: RawPeer[] = [];
    for (let count = 0; count < 6; count++) {
      const idler = await RawPeer.dial(sim, source, `10.7.0.${count}`);
      await idler.introduce({ peerId: peerIdFromBytes(Buffer.alloc(20, count + 1)) });
      await idler.say({ type: 'interested' });
      idlers.push(idler);
    }
    await sim.clock.advance(SLOT_UNUSED_AFTER_MS);
    const fetcher = await sim.addFetcher();
    sim.introduceAll();
    expect(await sim.run(2_000, [fetcher])).toBe(true);
    for (const idler of idlers) idler.leave();
  });
});

describe(`order (SEED=${seed})`, () => {
  it('is from the first piece to the last where the bytes are streamed', async () => {
    const sim = simulate();
    await sim.addSeed();
    const fetcher = await sim.addFetcher({ order: 'in order' });
    sim.introduceAll();
    await sim.clock.advance(50);
    const held = [...fetcher.store.have.held()];
    expect(held.length).toBeGreaterThan(3);
    expect(held.at(-1)).toBeLessThan(held.length + 4);
    expect(await sim.run()).toBe(true);
  });
});

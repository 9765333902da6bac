import { afterEach, describe, expect, it } from 'vitest';
import { peerIdFromBytes } from '../../src/holdings/holding.ts';
import { summarizePieces } from '../../src/holdings/piece-summary.ts';
import { GROWING_LINKS, MAX_DIALED_LINKS } from '../../src/limits.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { testSeed } from '../support/seeded-random.ts';
import { type SimulatedPeer, SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const PIECES = 64;
let sim: SimulatedSwarm | undefined;

afterEach(async () => {
  await sim?.close();
  sim = undefined;
});

function simulate(): SimulatedSwarm {
  sim = new SimulatedSwarm({ seed, pieces: PIECES, uplinkBytesPerSecond: 200_000 });
  return sim;
}

/** `peer` is told what `other` holds now, as gossip tells it. */
function tell(peer: SimulatedPeer, other: SimulatedPeer): void {
  const { peerId, endpoint, store } = other;
  const { pieceCount } = store.metainfo;
  peer.swarm.heard({ peerId, addresses: [endpoint], pieceCount, pieces: summarizePieces(store.have) });
}

function isLinked(peer: SimulatedPeer, other: SimulatedPeer): boolean {
  return [...peer.swarm.sessions].some(({ link }) => link.peerId === other.peerId);
}

describe(`whom a fetcher dials (SEED=${seed})`, () => {
  it('is, with all places taken, still who has what nobody linked has', async () => {
    const swarm = simulate();
    const fetcher = await swarm.addFetcher();
    const crowd: SimulatedPeer[] = [];
    for (let count = 0; count < MAX_DIALED_LINKS; count++)
      crowd.push(await swarm.addFetcher({ holds: (index) => index < PIECES / 2 }));
    for (const peer of crowd) tell(fetcher, peer);
    await swarm.clock.advanceUntil(() => fetcher.swarm.sessions.size === MAX_DIALED_LINKS, 5_000);
    const rare = await swarm.addFetcher({ holds: (index) => index >= PIECES / 2 });
    tell(fetcher, rare);
    await swarm.clock.advance(1_000);
    expect(isLinked(fetcher, rare)).toBe(true);
    expect(await swarm.run(20_000, [fetcher])).toBe(true);
  });

  it('is nobody who has nothing for it, as long as it has links enough', async () => {
    const swarm = simulate();
    const fetcher = await swarm.addFetcher({ holds: (index) => index === 0 });
    for (let count = 0; count < GROWING_LINKS; count++)
      tell(fetcher, await swarm.addFetcher({ holds: (index) => index < 2 }));
    await swarm.clock.advance(1_000);
    expect(fetcher.swarm.sessions.size).toBe(GROWING_LINKS);
    const empty = await swarm.addFetcher({ holds: (index) => index === 0 });
    tell(fetcher, empty);
    await swarm.clock.advance(5_000);
    expect(isLinked(fetcher, empty)).toBe(false);
    await empty.store.write(5 as PieceIndex, new Uint8Array(swarm.metainfo.pieceLength), 0);
    tell(fetcher, empty);
    await swarm.clock.advance(5_000);
    expect(isLinked(fetcher, empty)).toBe(true);
  });

  it('is an honest holder, however many others claim to have what is rare and are not there', async () => {
    const swarm = simulate();
    const fetcher = await swarm.addFetcher();
    const { pieceCount } = swarm.metainfo;
    for (let count = 0; count < 500; count++) {
      const addresses = [{ host: `10.9.${Math.floor(count / 250)}.${count % 250}`, port: 1 }];
      const peerId = peerIdFromBytes(swarm.random.bytes(20));
      fetcher.swarm.heard({ peerId, addresses, pieceCount, pieces: { kind: 'all' } });
    }
    tell(fetcher, await swarm.addSeed());
    expect(await swarm.run(60_000, [fetcher])).toBe(true);
  });

  it('is told of another content under the same hash, and does not mind', async () => {
    const swarm = simulate();
    const fetcher = await swarm.addFetcher();
    const source = await swarm.addSeed();
    const { peerId, endpoint } = source;
    const pieces = { kind: 'some' as const, count: 9_000, ranges: [{ start: 0, end: 9_000 }], more: false };
    fetcher.swarm.heard({ peerId, addresses: [endpoint], pieceCount: 10_000, pieces });
    expect(await swarm.run(20_000, [fetcher])).toBe(true);
  });
});

import { afterEach, expect, it } from 'vitest';
import { allPieces } from '../../src/metainfo/metainfo.ts';
import { sampleV2Content } from '../support/sample-v2-content.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const content = sampleV2Content({ a: 200_000, 'b/c': 10, 'b/empty': 0, d: 16_384, e: 100_001 }, seed);
let sim: SimulatedSwarm;

afterEach(() => sim.close());

it(`a content of v2 alone is fetched and verified by its trees (SEED=${seed})`, async () => {
  sim = new SimulatedSwarm({ seed, content });
  await sim.addSeed();
  const fetchers = [await sim.addFetcher(), await sim.addFetcher()];
  sim.introduceAll();
  expect(await sim.run()).toBe(true);
  for (const { store, faults } of fetchers) {
    expect(store.have.complete).toBe(true);
    expect(faults).toEqual([]);
  }
});

it(`who sends other bytes is found out by the trees and banned (SEED=${seed})`, async () => {
  sim = new SimulatedSwarm({ seed, content });
  const liar = await sim.addSeed();
  for (const index of allPieces(content.metainfo.pieceCount)) liar.store.damage(index);
  // It believes in what it sends: its own checksums fit.
  liar.store.crc32 = () => undefined;
  await sim.addSeed();
  const fetcher = await sim.addFetcher();
  sim.introduceAll();
  expect(await sim.run(60_000, [fetcher])).toBe(true);
  expect(Buffer.from(fetcher.store.bytes)).toEqual(content.bytes);
  const banned = fetcher.changes.filter((change) => change.state === 'banned');
  expect(banned.map((change) => change.peerId)).toEqual([liar.peerId]);
});

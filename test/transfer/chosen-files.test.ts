import { afterEach, describe, expect, it } from 'vitest';
import { allPieces } from '../../src/metainfo/metainfo.ts';
import { sampleContent } from '../support/sample-content.ts';
import { testSeed } from '../support/seeded-random.ts';
import { type SimulatedPeer, SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
/** Four files of twenty pieces and a half each; two that stand side by side share one. */
const content = sampleContent({
  name: 'album',
  pieceLength: 16 * 1024,
  files: ['a', 'b', 'c', 'd'].map((path) => ({ path, length: 20.5 * 16 * 1024 })),
  seed,
});
let sim = new SimulatedSwarm({ seed, content });

afterEach(async () => {
  await sim.close();
  expect([sim.network.openConnections, sim.clock.pending]).toEqual([0, 0]);
  sim = new SimulatedSwarm({ seed, content });
});

function files(...wanted: number[]): ReadonlySet<number> {
  return new Set(wanted);
}

function heldBytesOf({ store }: SimulatedPeer, file: number): Buffer {
  const { offset, length } = content.metainfo.files[file] ?? { offset: 0, length: 0 };
  return Buffer.from(store.bytes.subarray(offset, offset + length));
}

describe(`a swarm in which some want only some files (SEED=${seed})`, () => {
  it.each(['lan', 'bittorrent'] as const)('gives them these, and not a piece more (%s)', async (dialect) => {
    const source = await sim.addSeed();
    const fetcher = await sim.addFetcher({ wanted: files(1) });
    sim.introduceAll(dialect);
    expect(await sim.run()).toBe(true);
    expect(heldBytesOf(fetcher, 1).equals(content.file(1))).toBe(true);
    // Half of a piece before it and a whole one behind are its neighbours'.
    expect(fetcher.store.have.count).toBe(21);
    expect(fetcher.swarm.counters.downloadedBytes).toBe(21 * 16 * 1024);
    expect(source.swarm.counters.uploadedBytes).toBe(21 * 16 * 1024);
    expect([fetcher.swarm.complete, fetcher.completeAt]).toEqual([true, expect.any(Number)]);
    // The tracker of such a swarm must not take it for a seed.
    expect(fetcher.swarm.bytesLeft).toBeGreaterThan(0);
  });

  it('has those who chose differently serve each other what both have', async () => {
    const source = await sim.addSeed({ uplinkBytesPerSecond: 2_000_000 });
    const fetchers = [
      await sim.addFetcher({ wanted: files(0, 1) }),
      await sim.addFetcher({ wanted: files(1, 2) }),
      await sim.addFetcher(),
    ];
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    const [first, second, all] = fetchers;
    if (first === undefined || second === undefined || all === undefined) throw new Error('three were added');
    expect(heldBytesOf(first, 0).equals(content.file(0))).toBe(true);
    expect(heldBytesOf(second, 2).equals(content.file(2))).toBe(true);
    expect(Buffer.from(all.store.bytes).equals(content.bytes)).toBe(true);
    expect(sim.copiesSentBy(source)).toBeLessThan(1.5);
    expect([first, second, all].flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('lets one that has its files serve on, and a later fetcher needs nobody else for them', async () => {
    const source = await sim.addSeed();
    const chooser = await sim.addFetcher({ wanted: files(3) });
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    await source.swarm.close();
    const later = await sim.addFetcher({ wanted: files(3) });
    later.swarm.learn(chooser.endpoint, chooser.peerId);
    expect(await sim.run(60_000, [later])).toBe(true);
    expect(heldBytesOf(later, 3).equals(content.file(3))).toBe(true);
    expect(chooser.swarm.counters.uploadedBytes).toBe(later.swarm.counters.downloadedBytes);
  });

  it('is not asked for anything by one that has its files already', async () => {
    await sim.addSeed();
    const fetcher = await sim.addFetcher({ wanted: files(0), holds: (index) => index <= 20 });
    sim.introduceAll();
    await sim.clock.advance(2_000);
    expect(fetcher.swarm.complete).toBe(true);
    expect(fetcher.swarm.counters.downloadedBytes).toBe(0);
  });

  it('brings the rest to one that wants more when it comes again', async () => {
    await sim.addSeed();
    const again = await sim.addFetcher({ holds: (index) => index <= 20 });
    sim.introduceAll();
    expect(await sim.run()).toBe(true);
    const count = [...allPieces(content.metainfo.pieceCount)].length;
    expect(again.swarm.counters.downloadedBytes).toBe((count - 21) * 16 * 1024);
  });
});

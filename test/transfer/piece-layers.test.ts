import { afterEach, describe, expect, it } from 'vitest';
import { HASH_RETRY_MS, STALL_TIMEOUT_MS } from '../../src/limits.ts';
import { buildTorrent } from '../../src/metainfo/create-torrent.ts';
import type { HashPlace } from '../../src/metainfo/hash-place.ts';
import { HashTrees } from '../../src/metainfo/hash-trees.ts';
import type { Dialect } from '../../src/peer/link-setup.ts';
import type { ExtensionHandshake } from '../../src/wire/bt/message.ts';
import { RawBtPeer } from '../support/raw-bt-peer.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { sampleV2Content } from '../support/sample-v2-content.ts';
import { testSeed } from '../support/seeded-random.ts';
import { type SimulatedPeer, SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const content = sampleV2Content({ a: 200_000, 'b/c': 10, 'b/empty': 0, d: 16_384, e: 100_001 }, seed);
/** More pieces than one request may ask for. */
const long = sampleV2Content({ a: 32_768 * 520 + 1, b: 40_000 }, seed);
const trees = new HashTrees(content.metainfo);
const DIALECTS: readonly Dialect[] = ['lan', 'bittorrent'];
let sim: SimulatedSwarm;

afterEach(async () => {
  await sim.close();
  expect(sim.network.openConnections).toBe(0);
  expect(sim.clock.pending).toBe(0);
});

describe.each(DIALECTS)(
  `a content of v2 alone that is known by its info-hash, over %s (SEED=${seed})`,
  (dialect) => {
    it('is described with the piece layers of all files, and fetched', async () => {
      sim = new SimulatedSwarm({ seed, content });
      await sim.addSeed();
      const fetchers = [await undescribed(), await undescribed()];
      sim.introduceAll(dialect);
      expect(await sim.run()).toBe(true);
      for (const fetcher of fetchers) expectAll(fetcher);
    });

    it('gets long layers stretch by stretch', async () => {
      sim = new SimulatedSwarm({ seed, content: long });
      await sim.addSeed();
      const fetcher = await undescribed();
      sim.introduceAll(dialect);
      expect(await sim.run()).toBe(true);
      expectAll(fetcher);
    });

    it('is asked of who has the layers by now, where the first peer got the description only a moment ago', async () => {
      sim = new SimulatedSwarm({ seed, content });
      const [one, other] = [await undescribed(), await undescribed()];
      one.swarm.learn(other.endpoint, other.peerId, dialect);
      await sim.clock.advance(1_000);
      const source = await sim.addSeed();
      one.swarm.learn(source.endpoint, source.peerId, dialect);
      expect(await sim.run()).toBe(true);
      expectAll(one);
      expectAll(other);
    });
  },
);

describe(`a peer that is asked for hashes (SEED=${seed})`, () => {
  it('is banned where they are false, and others are asked', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const liar = await described(fetcher);
    const [place] = asked(liar);
    const hashes = Buffer.from(right(place));
    hashes[0] = (hashes[0] ?? 0) ^ 1;
    await liar.say({ type: 'hashes', ...place, hashes });
    expect(liar.closed).toBe(true);
    expect(fetcher.changes.at(-1)).toMatchObject({
      state: 'banned',
      reason: 'the hashes do not match the pieces root',
    });
    await fetchedFromAnother(fetcher);
  });

  it('is banned where there are too few', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const liar = await described(fetcher);
    const [place] = asked(liar);
    await liar.say({ type: 'hashes', ...place, hashes: right(place).subarray(32) });
    expect(fetcher.changes.at(-1)).toMatchObject({ state: 'banned' });
  });

  it('is left where they were not asked for', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const talker = await described(fetcher);
    const [place] = asked(talker);
    const hashes = right(place);
    await talker.say({ type: 'hashes', ...place, hashes }, { type: 'hashes', ...place, hashes });
    expect(fetcher.changes.at(-1)).toMatchObject({
      state: 'disconnected',
      reason: 'hashes that were not asked for',
    });
    await fetchedFromAnother(fetcher);
  });

  it('may refuse: another is asked', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const client = await described(fetcher);
    await client.say(...asked(client).map((place) => ({ ...place, type: 'hash reject' }) as const));
    expect(client.closed).toBe(false);
    await fetchedFromAnother(fetcher);
    client.leave();
  });

  it('is asked again after a while where it has refused', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const client = await described(fetcher);
    const first = asked(client);
    await client.say(...first.map((place) => ({ ...place, type: 'hash reject' }) as const));
    expect(asked(client)).toHaveLength(first.length);
    await sim.clock.advance(HASH_RETRY_MS + 500);
    const again = asked(client).slice(first.length);
    expect(again).toHaveLength(first.length);
    await client.say(...again.map((place) => ({ type: 'hashes', ...place, hashes: right(place) }) as const));
    expect(fetcher.described?.version).toBe('v2');
    client.leave();
  });

  it('is left where it says nothing, however much it says of other things', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const client = await described(fetcher);
    for (let waited = 0; waited <= STALL_TIMEOUT_MS && !client.closed; waited += 1_000) {
      await client.say({ type: 'keep-alive' });
      await sim.clock.advance(1_000);
    }
    expect(client.closed).toBe(true);
    await fetchedFromAnother(fetcher);
  });

  it('cannot keep the fetch waiting where another is linked', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const silent = await described(fetcher);
    const [place] = asked(silent);
    const source = await sim.addSeed();
    fetcher.swarm.learn(source.endpoint, source.peerId, 'bittorrent');
    expect(await sim.run(STALL_TIMEOUT_MS / 2, [fetcher])).toBe(true);
    expectAll(fetcher);
    // Its answer is only late.
    await silent.say({ type: 'hashes', ...place, hashes: right(place) });
    expect(fetcher.changes.filter(({ state }) => state === 'banned')).toEqual([]);
    silent.leave();
  });

  it('is not asked natively where it has not said that it gives them', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const fetcher = await undescribed();
    const older = await RawPeer.dial(sim, fetcher);
    const { infoBytes } = sim.metainfo;
    await older.introduce({ metainfoSize: infoBytes.length });
    await older.say({ type: 'metainfo', offset: 0, bytes: infoBytes });
    expect(older.count('hash request')).toBe(0);
    await fetchedFromAnother(fetcher, 'lan');
    older.leave();
  });
});

describe(`a peer that asks for hashes (SEED=${seed})`, () => {
  const root = Buffer.from(content.metainfo.v2?.trees[0]?.piecesRoot ?? []);
  const place: HashPlace = { piecesRoot: root, baseLayer: 1, index: 0, length: 8, proofLayers: 2 };

  it('is given those of pieces although it is choked', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const client = await RawBtPeer.dial(sim, await sim.addSeed());
    await client.shakeHands({ v2: true });
    await client.say({ type: 'hash request', ...place });
    expect(client.all('hashes').map(({ hashes }) => Buffer.from(hashes))).toEqual([
      Buffer.from(right(place)),
    ]);
    client.leave();
  });

  it('is refused what is not there, and stays', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const client = await RawBtPeer.dial(sim, await sim.addSeed());
    await client.shakeHands({ v2: true });
    const wrong = [
      { ...place, piecesRoot: Buffer.alloc(32) },
      { ...place, length: 3 },
      { ...place, index: 4_294_967_288 },
      { ...place, length: 0 },
      { ...place, proofLayers: 4_294_967_295 },
    ];
    await client.say(...wrong.map((one) => ({ type: 'hash request', ...one }) as const));
    expect(client.all('hashes')).toEqual([]);
    expect(client.all('hash reject').map(({ type, ...rest }) => rest)).toEqual(wrong);
    expect(client.closed).toBe(false);
    client.leave();
  });

  it('is given all of them only a few times over', async () => {
    sim = new SimulatedSwarm({ seed, content });
    const client = await RawBtPeer.dial(sim, await sim.addSeed());
    await client.shakeHands({ v2: true });
    await client.say(...Array.from({ length: 1_000 }, () => ({ type: 'hash request', ...place }) as const));
    const given = client.all('hashes').length;
    expect(given).toBeLessThan(100);
    expect(client.all('hash reject')).toHaveLength(1_000 - given);
    expect(client.closed).toBe(false);
    client.leave();
  });

  it('is refused by who knows no layers', async () => {
    sim = new SimulatedSwarm({ seed });
    const client = await RawBtPeer.dial(sim, await sim.addSeed());
    await client.shakeHands();
    await client.say({ type: 'hash request', ...place });
    expect(client.all('hash reject')).toHaveLength(1);
    client.leave();
  });
});

const EXTENSION: ExtensionHandshake = {
  metadataId: 1,
  peerExchangeId: undefined,
  metadataSize: undefined,
  port: 6881,
  client: undefined,
  maxRequests: undefined,
  uploadOnly: false,
};

function undescribed(): Promise<SimulatedPeer> {
  return sim.addFetcher({ undescribed: true });
}

/** A BitTorrent client that has given the info dictionary, and is asked for the rest. */
async function described(fetcher: SimulatedPeer): Promise<RawBtPeer> {
  const client = await RawBtPeer.dial(sim, fetcher);
  const { infoBytes } = sim.metainfo;
  await client.shakeHands({ v2: true });
  const extension = { ...EXTENSION, metadataSize: infoBytes.length };
  await client.say({ type: 'have all' }, { type: 'extension handshake', extension });
  await client.say({ type: 'metadata', piece: 0, totalSize: infoBytes.length, bytes: infoBytes });
  expect(fetcher.described).toBeUndefined();
  return client;
}

function asked(client: RawBtPeer): readonly [HashPlace, ...HashPlace[]] {
  const [first, ...others] = client.all('hash request').map(({ type, ...place }) => place);
  if (first === undefined) throw new Error('nothing was asked for');
  return [first, ...others];
}

function right(place: HashPlace): Uint8Array {
  const hashes = trees.ofPieces(place);
  if (hashes === undefined) throw new Error('there are no such hashes');
  return hashes;
}

async function fetchedFromAnother(fetcher: SimulatedPeer, dialect: Dialect = 'bittorrent'): Promise<void> {
  const source = await sim.addSeed();
  fetcher.swarm.learn(source.endpoint, source.peerId, dialect);
  expect(await sim.run(60_000, [fetcher])).toBe(true);
  expectAll(fetcher);
}

function expectAll({ store, faults, described: metainfo }: SimulatedPeer): void {
  if (metainfo === undefined) throw new Error('nobody has told the metainfo');
  expect(buildTorrent(metainfo)).toEqual(buildTorrent(sim.metainfo));
  expect(Buffer.from(store.bytes).equals(sim.content.bytes)).toBe(true);
  expect(faults).toEqual([]);
}

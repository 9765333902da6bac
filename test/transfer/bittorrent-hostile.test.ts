import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BLOCK_BYTES } from '../../src/limits.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { BlockDownloads } from '../../src/peer/bt/block-downloads.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import type { ExtensionHandshake } from '../../src/wire/bt/message.ts';
import { RawBtPeer } from '../support/raw-bt-peer.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const EXTENSION: ExtensionHandshake = {
  metadataId: 1,
  peerExchangeId: 2,
  metadataSize: undefined,
  port: 6881,
  client: undefined,
  maxRequests: undefined,
  uploadOnly: false,
};

let sim: SimulatedSwarm;

beforeEach(() => {
  sim = new SimulatedSwarm({ seed, pieceLength: 4 * BLOCK_BYTES, pieces: 8 });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await sim.close();
  expect(sim.network.openConnections).toBe(0);
  expect(sim.clock.pending).toBe(0);
});

describe(`a BitTorrent client that says too much (SEED=${seed})`, () => {
  it('makes nobody look at all pieces again and again', async () => {
    const fetcher = await sim.addFetcher();
    const client = await RawBtPeer.dial(sim, fetcher);
    await client.shakeHands();
    await client.say({ type: 'have all' });
    const full = vi.spyOn(Bitfield, 'full');
    const held = vi.spyOn(Bitfield.prototype, 'held');
    await client.say(...Array.from({ length: 100 }, () => ({ type: 'have all' }) as const));
    await client.say(
      ...Array.from({ length: 100 }, () => ({ type: 'bitfield', bits: Uint8Array.of(0xfe) }) as const),
    );
    expect(full).not.toHaveBeenCalled();
    expect(held).not.toHaveBeenCalled();
    expect(client.closed).toBe(false);
    client.leave();
  });

  it('is heard about other peers only so often', async () => {
    const fetcher = await sim.addFetcher();
    const client = await RawBtPeer.dial(sim, fetcher);
    await client.shakeHands();
    await client.say({ type: 'have none' }, { type: 'extension handshake', extension: EXTENSION });
    const learn = vi.spyOn(fetcher.swarm, 'learn');
    for (let host = 1; host <= 50; host++) {
      const added = [{ endpoint: { host: `10.7.0.${host}`, port: 6881 }, seed: true }];
      await client.say({ type: 'peer exchange', added, dropped: [] });
    }
    expect(learn).toHaveBeenCalledTimes(1);
    client.leave();
  });

  it('is not taken for one who gives when it gives up a piece and goes on talking', async () => {
    const fetcher = await sim.addFetcher();
    const client = await RawBtPeer.dial(sim, fetcher);
    await client.shakeHands();
    await client.say({ type: 'have all' }, { type: 'unchoke' });
    const [first] = client.all('request');
    await client.give(first?.index ?? 0, 0);
    await client.say({ type: 'choke' });
    const { lastPieceAt } = fetcher.swarm.counters;
    await client.say({ type: 'keep-alive' });
    expect(fetcher.swarm.counters.lastPieceAt).toBe(lastPieceAt);
    client.leave();
  });
});

describe(`a fetcher that has the metainfo only now (SEED=${seed})`, () => {
  it('says so only to who speaks the extension protocol', async () => {
    const fetcher = await sim.addFetcher({ undescribed: true });
    const source = await sim.addSeed();
    const [plain, modern] = [
      await RawBtPeer.dial(sim, fetcher, '10.9.9.1'),
      await RawBtPeer.dial(sim, fetcher, '10.9.9.2'),
    ];
    await plain.shakeHands({ peerId: Buffer.alloc(20, 1), extensions: false });
    await modern.shakeHands({ peerId: Buffer.alloc(20, 2) });
    fetcher.swarm.learn(source.endpoint, source.peerId);
    expect(await sim.run(60_000, [fetcher])).toBe(true);
    expect(plain.all('extension handshake')).toEqual([]);
    expect(modern.all('extension handshake').map(({ extension }) => extension.metadataSize)).toEqual([
      undefined,
      sim.metainfo.infoBytes.length,
    ]);
    plain.leave();
    modern.leave();
  });

  it('tells of all pieces that an earlier run has left, however many', async () => {
    sim = new SimulatedSwarm({ seed, pieceLength: 64, pieces: 20_000 });
    const fetcher = await sim.addFetcher({ undescribed: true, holds: (index) => index > 0 });
    const client = await RawBtPeer.dial(sim, fetcher);
    await client.shakeHands();
    fetcher.swarm.activate(fetcher.store);
    await sim.clock.advance(1_000);
    expect(client.closed).toBe(false);
    expect(client.all('have')).toHaveLength(fetcher.store.have.count);
    client.leave();
  });
});

describe('a piece that is taken back', () => {
  const PIECE = 3 as PieceIndex;
  const rejected: number[] = [];
  const downloads = (): BlockDownloads =>
    new BlockDownloads({
      request() {},
      cancel() {},
      handler: {
        takePiece: (_index, length) => Buffer.alloc(length),
        releasePiece() {},
        onPiece() {},
        onReject: (index) => rejected.push(index),
      },
    });

  beforeEach(() => {
    rejected.length = 0;
  });

  it('counts as rejected', async () => {
    const one = downloads();
    one.request(PIECE, BLOCK_BYTES);
    one.cancel(PIECE);
    await Promise.resolve();
    expect(rejected).toEqual([PIECE]);
  });

  it('is not rejected where it is asked for again at once', async () => {
    const one = downloads();
    one.request(PIECE, BLOCK_BYTES);
    one.cancel(PIECE);
    one.request(PIECE, BLOCK_BYTES);
    await Promise.resolve();
    expect(rejected).toEqual([]);
    expect(one.takeBlock(PIECE, 0, BLOCK_BYTES)).toHaveLength(BLOCK_BYTES);
    one.close();
  });

  it('is not asked for again over a connection that has ended', async () => {
    const one = downloads();
    one.request(PIECE, BLOCK_BYTES);
    one.cancel(PIECE);
    one.close();
    await Promise.resolve();
    expect(rejected).toEqual([]);
  });
});

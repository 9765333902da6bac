import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { peerIdToBytes } from '../../src/holdings/holding.ts';
import { BLOCK_BYTES, HANDSHAKE_TIMEOUT_MS, MAX_BLOCK_BYTES, MAX_QUEUED_BLOCKS } from '../../src/limits.ts';
import { infoHashFromBytes } from '../../src/metainfo/metainfo.ts';
import type { BtMessage } from '../../src/wire/bt/message.ts';
import { RawBtPeer } from '../support/raw-bt-peer.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const SOMEWHERE = { host: '10.8.0.1', port: 6881 };
const request = (index: number, begin: number, length = BLOCK_BYTES): BtMessage => ({
  type: 'request',
  index,
  begin,
  length,
});

let sim: SimulatedSwarm;

beforeEach(() => {
  sim = new SimulatedSwarm({ seed, pieceLength: 4 * BLOCK_BYTES, pieces: 8 });
});

afterEach(async () => {
  await sim.close();
  expect(sim.network.openConnections).toBe(0);
  expect(sim.clock.pending).toBe(0);
});

/** A client that is unchoked by a seed. */
async function guest(fast = true): Promise<RawBtPeer> {
  const source = await sim.addSeed();
  const client = await RawBtPeer.dial(sim, source);
  await client.shakeHands({ fast });
  if (fast) await client.say({ type: 'have none' });
  await client.say({ type: 'interested' });
  return client;
}

describe(`a sharer, to a BitTorrent client (SEED=${seed})`, () => {
  it('answers the handshake, says what it has and gives the blocks that it is asked for', async () => {
    const client = await guest();
    expect(client.all('handshake')).toHaveLength(1);
    expect(client.heard.map(({ type }) => type)).toContain('have all');
    expect(client.all('unchoke')).toHaveLength(1);
    await client.say(request(1, 0), request(1, BLOCK_BYTES), request(0, 5, 7));
    expect(client.all('block').map(({ index, begin, length }) => [index, begin, length])).toEqual([
      [1, 0, BLOCK_BYTES],
      [1, BLOCK_BYTES, BLOCK_BYTES],
      [0, 5, 7],
    ]);
    client.leave();
  });

  it('sends a bitfield where the client does not speak the fast extension', async () => {
    const client = await guest(false);
    expect(client.all('bitfield')).toHaveLength(1);
    expect(client.all('have all')).toHaveLength(0);
    client.leave();
  });

  it('gives the metadata in blocks, and rejects what lies beyond it', async () => {
    const client = await guest();
    const extension = client.all('extension handshake')[0]?.extension;
    expect(extension?.metadataSize).toBe(sim.metainfo.infoBytes.length);
    await client.say({
      type: 'extension handshake',
      extension: {
        metadataId: 1,
        peerExchangeId: 2,
        metadataSize: undefined,
        port: 6881,
        client: 'a client',
        maxRequests: undefined,
        uploadOnly: false,
      },
    });
    await client.say({ type: 'metadata request', piece: 0 }, { type: 'metadata request', piece: 99 });
    const hash = createHash('sha1').update(client.all('metadata')[0]?.bytes ?? Buffer.alloc(0));
    expect(hash.digest('hex')).toBe(sim.metainfo.infoHash);
    expect(client.all('metadata reject')).toHaveLength(1);
    client.leave();
  });

  it('hangs up on who asks for what lies outside of a piece, for nothing, or for too much at once', async () => {
    const size = 4 * BLOCK_BYTES;
    const faults = [request(0, size), request(0, size - 1, 2), request(99, 0), request(0, 0, 0)];
    faults.push(request(0, 0, MAX_BLOCK_BYTES + 1));
    for (const fault of faults) {
      const client = await guest();
      await client.say(fault);
      expect(client.closed, JSON.stringify(fault)).toBe(true);
    }
  });

  it('hangs up on who floods it with requests', async () => {
    const client = await guest();
    const flood = Array.from({ length: MAX_QUEUED_BLOCKS + 2 }, () => request(0, 0, 1));
    await client.say(...flood);
    expect(client.closed).toBe(true);
  });

  it('hangs up on who is about another content, and on itself', async () => {
    const source = await sim.addSeed();
    const stranger = await RawBtPeer.dial(sim, source);
    await stranger.shakeHands({ infoHash: infoHashFromBytes(Buffer.alloc(20, 1)) });
    expect(stranger.closed).toBe(true);
    const self = await RawBtPeer.dial(sim, source);
    await self.shakeHands({ peerId: peerIdToBytes(source.peerId) });
    expect(self.closed).toBe(true);
  });

  it('waits for the rest of a handshake only so long', async () => {
    const source = await sim.addSeed();
    const slow = await RawBtPeer.dial(sim, source);
    await slow.bytes(Buffer.from([19, 0x42]));
    await sim.clock.advance(HANDSHAKE_TIMEOUT_MS - 1_000);
    expect(slow.closed).toBe(false);
    await sim.clock.advance(2_000);
    expect(slow.closed).toBe(true);
  });

  it('hangs up on who sends blocks that it did not ask for, a wrong bitfield or a have beyond the end', async () => {
    const source = await sim.addFetcher();
    const faults: ((client: RawBtPeer) => Promise<void>)[] = [
      (client) => client.give(0, 0),
      (client) => client.say({ type: 'bitfield', bits: new Uint8Array(77) }),
      (client) => client.say({ type: 'bitfield', bits: Uint8Array.of(0xff, 0xff) }),
      (client) => client.say({ type: 'have', index: 99 }),
      (client) => client.say({ type: 'metadata', piece: 0, totalSize: 5, bytes: Buffer.alloc(5) }),
    ];
    for (const [at, fault] of faults.entries()) {
      const client = await RawBtPeer.dial(sim, source, `10.9.9.${at + 1}`);
      await client.shakeHands({ peerId: Buffer.alloc(20, at + 1) });
      await fault(client);
      expect(client.closed, `fault ${at}`).toBe(true);
    }
  });
});

describe(`a fetcher, from a BitTorrent client (SEED=${seed})`, () => {
  /** A fetcher that knows of a client, which is asked for something. */
  async function asked(): Promise<RawBtPeer> {
    const fetcher = await sim.addFetcher();
    const callers = await RawBtPeer.listen(sim, SOMEWHERE);
    fetcher.swarm.learn(SOMEWHERE, undefined, 'bittorrent');
    await sim.clock.advance(50);
    const [client] = callers;
    if (client === undefined) throw new Error('nobody called');
    await client.shakeHands();
    await client.say({ type: 'have all' }, { type: 'unchoke' });
    return client;
  }

  it('asks for the blocks of a piece and takes them', async () => {
    const client = await asked();
    const [first] = client.all('request');
    expect(client.all('request')).toHaveLength(4);
    for (const { index, begin } of client.all('request')) await client.give(index, begin);
    expect([...(sim.peers[0]?.store.have.held() ?? [])]).toEqual([first?.index]);
    client.leave();
  });

  it('bans who gives a poisoned block, and takes the piece from somebody else', async () => {
    const client = await asked();
    for (const { index, begin } of client.all('request')) await client.give(index, begin, begin === 0);
    expect(client.closed).toBe(true);
    const [fetcher] = sim.peers;
    expect(fetcher?.changes.at(-1)?.state).toBe('banned');
    const source = await sim.addSeed();
    fetcher?.swarm.learn(source.endpoint, source.peerId);
    expect(await sim.run()).toBe(true);
  });

  it('dials again in BitTorrent where its own dialect is not understood', async () => {
    const fetcher = await sim.addFetcher();
    const callers = await RawBtPeer.listen(sim, SOMEWHERE);
    fetcher.swarm.learn(SOMEWHERE, undefined);
    await sim.clock.advance(100);
    expect(callers).toHaveLength(2);
    expect(callers[0]?.closed).toBe(true);
    expect(callers[1]?.all('handshake')).toHaveLength(1);
    for (const caller of callers) caller.leave();
  });

  it('dials a lanshare node again in the native dialect', async () => {
    const fetcher = await sim.addFetcher();
    const callers = await RawBtPeer.listen(sim, SOMEWHERE);
    fetcher.swarm.learn(SOMEWHERE, undefined, 'bittorrent');
    await sim.clock.advance(50);
    await callers[0]?.shakeHands({ peerId: Buffer.from('-LS0100-abcdefghijkl') });
    await sim.clock.advance(50);
    expect(callers[0]?.closed).toBe(true);
    expect(callers).toHaveLength(2);
    expect(callers[1]?.all('handshake')).toHaveLength(0);
    for (const caller of callers) caller.leave();
  });

  it('takes a bitfield in the place of several haves, as aria2 sends it', async () => {
    const fetcher = await sim.addFetcher();
    const client = await RawBtPeer.dial(sim, fetcher);
    await client.shakeHands();
    await client.say({ type: 'have none' }, { type: 'have', index: 1 });
    await client.say({ type: 'bitfield', bits: Uint8Array.of(0b11100000) });
    expect(client.closed).toBe(false);
    expect([...fetcher.swarm.sessions].map(({ theirs }) => theirs.count)).toEqual([3]);
    client.leave();
  });

  it('does not dial a client again that dialled it and is heard of at the address where it listens', async () => {
    const fetcher = await sim.addFetcher();
    const client = await RawBtPeer.dial(sim, fetcher, SOMEWHERE.host);
    await client.shakeHands();
    const listening = { metadataId: 1, peerExchangeId: 2, metadataSize: undefined, port: SOMEWHERE.port };
    await client.say({
      type: 'extension handshake',
      extension: { ...listening, client: undefined, maxRequests: undefined, uploadOnly: false },
    });
    const callers = await RawBtPeer.listen(sim, SOMEWHERE);
    fetcher.swarm.learn(SOMEWHERE, undefined, 'bittorrent');
    await sim.clock.advance(2_000);
    expect(callers).toEqual([]);
    client.leave();
    await sim.clock.advance(2_000);
    expect(callers.length).toBeGreaterThan(0);
    for (const caller of callers) caller.leave();
  });

  it('hears of other peers by peer exchange, and tells of those it is linked with', async () => {
    const client = await asked();
    const source = await sim.addSeed();
    await client.say({
      type: 'extension handshake',
      extension: {
        metadataId: 1,
        peerExchangeId: 2,
        metadataSize: undefined,
        port: 6881,
        client: undefined,
        maxRequests: undefined,
        uploadOnly: false,
      },
    });
    await client.say({
      type: 'peer exchange',
      added: [{ endpoint: source.endpoint, seed: true }],
      dropped: [],
    });
    expect(await sim.run()).toBe(true);
    const [fetcher] = sim.peers;
    expect(fetcher?.swarm.counters.contributors).toContain(source.peerId);
    client.leave();
  });
});

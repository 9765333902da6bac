import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BLOCK_BYTES, FREE_LEAF_BYTES, MAX_LEAF_REQUESTS_WAITING } from '../../../src/limits.ts';
import type { HashPlace } from '../../../src/metainfo/hash-place.ts';
import { provenHashes } from '../../../src/metainfo/hash-proof.ts';
import { blockHashes } from '../../../src/metainfo/merkle.ts';
import { RawBtPeer } from '../../support/raw-bt-peer.ts';
import { sampleV2Content } from '../../support/sample-v2-content.ts';
import { testSeed } from '../../support/seeded-random.ts';
import { type SimulatedPeer, SimulatedSwarm } from '../../support/simulated-swarm.ts';

const seed = testSeed();
/** Pieces of two blocks: seven of the first file, the last with one block that is cut off; one of the second. */
const content = sampleV2Content({ a: 13 * BLOCK_BYTES - 100, b: BLOCK_BYTES + 1 }, seed);
const [rootOfA, rootOfB] = [0, content.metainfo.files.length - 1].map((at) =>
  Buffer.from(content.metainfo.v2?.trees[at]?.piecesRoot ?? []),
) as [Buffer, Buffer];
const inA = (index: number, length = 2): HashPlace => ({
  piecesRoot: rootOfA,
  baseLayer: 0,
  index,
  length,
  proofLayers: 3,
});

let sim: SimulatedSwarm;
let source: SimulatedPeer;
let client: RawBtPeer;

beforeEach(async () => {
  sim = new SimulatedSwarm({ seed, content });
  source = await sim.addSeed();
  client = await RawBtPeer.dial(sim, source);
  await client.shakeHands({ v2: true });
});

afterEach(async () => {
  client.leave();
  await sim.close();
  expect(sim.network.openConnections).toBe(0);
});

describe(`hashes of blocks (SEED=${seed})`, () => {
  it('are made of the piece, and proven up to the root of the file', async () => {
    await client.say({ type: 'interested' }, { type: 'hash request', ...inA(4) });
    const [answer] = client.all('hashes');
    const expected = blockHashes(content.bytes.subarray(4 * BLOCK_BYTES, 6 * BLOCK_BYTES));
    expect(provenHashes(inA(4), 4, answer?.hashes ?? Buffer.alloc(0))).toEqual(Buffer.from(expected));
  });

  it('are made of the last piece, and of a file of one piece, without their padding', async () => {
    const inB = { ...inA(0), piecesRoot: rootOfB, proofLayers: 0 };
    await client.say(
      { type: 'interested' },
      { type: 'hash request', ...inA(12) },
      { type: 'hash request', ...inB },
    );
    const [last, small] = client.all('hashes').map(({ hashes }) => hashes);
    expect(provenHashes(inA(12), 4, last ?? Buffer.alloc(0))?.subarray(32)).toEqual(Buffer.alloc(32));
    expect(provenHashes(inB, 1, small ?? Buffer.alloc(0))).toHaveLength(2 * 32);
  });

  it('are refused to who is choked', async () => {
    await client.say({ type: 'hash request', ...inA(4) });
    expect(client.all('hash reject')).toHaveLength(1);
    expect(client.all('hashes')).toEqual([]);
  });

  it('are refused of a piece that is not held', async () => {
    const partial = await sim.addFetcher({ holds: (index) => index !== 2 });
    const other = await RawBtPeer.dial(sim, partial, '10.9.9.8');
    await other.shakeHands({ v2: true, peerId: Buffer.alloc(20, 1) });
    await other.say(
      { type: 'interested' },
      { type: 'hash request', ...inA(4) },
      { type: 'hash request', ...inA(6) },
    );
    expect(other.all('hash reject').map(({ index }) => index)).toEqual([4]);
    expect(other.all('hashes').map(({ index }) => index)).toEqual([6]);
    other.leave();
  });

  it('are refused where several pieces would have to be read', async () => {
    await client.say({ type: 'interested' }, { type: 'hash request', ...inA(0, 4) });
    expect(client.all('hash reject')).toHaveLength(1);
  });

  it('wait for each other only so many', async () => {
    const requests = Array.from({ length: 50 }, () => ({ type: 'hash request', ...inA(4) }) as const);
    await client.say({ type: 'interested' });
    await client.say(...requests);
    const given = client.all('hashes').length;
    expect(given).toBeLessThanOrEqual(MAX_LEAF_REQUESTS_WAITING + 1);
    expect(client.all('hash reject')).toHaveLength(50 - given);
    expect(client.closed).toBe(false);
  });

  it('are given for no more bytes than are free, and than were sent', async () => {
    await client.say({ type: 'interested' });
    const read = vi.spyOn(source.store, 'read');
    const free = FREE_LEAF_BYTES / (2 * BLOCK_BYTES);
    for (let asked = 0; asked < free + 10; asked++) await client.say({ type: 'hash request', ...inA(4) });
    expect(client.all('hashes')).toHaveLength(free);
    expect(read).toHaveBeenCalledTimes(free);
    await client.say(
      { type: 'request', index: 2, begin: 0, length: BLOCK_BYTES },
      { type: 'request', index: 2, begin: BLOCK_BYTES, length: BLOCK_BYTES },
    );
    await client.say({ type: 'hash request', ...inA(4) }, { type: 'hash request', ...inA(4) });
    expect(client.all('hashes')).toHaveLength(free + 1);
  });

  it('are refused where the piece cannot be read', async () => {
    await client.say({ type: 'interested' });
    vi.spyOn(source.store, 'read').mockRejectedValue(new Error('the disk is gone'));
    await client.say({ type: 'hash request', ...inA(4) });
    expect(client.all('hash reject')).toHaveLength(1);
    expect(source.faults).toHaveLength(1);
  });
});

describe(`the last piece of v2 alone (SEED=${seed})`, () => {
  it('is padded with zeros for who asks for whole blocks, as libtorrent does', async () => {
    const last = content.metainfo.pieceCount - 1;
    const sent: Buffer[] = [];
    const padded = await RawBtPeer.dial(sim, source, '10.9.9.7', (block) => sent.push(block));
    await padded.shakeHands({ peerId: Buffer.alloc(20, 2) });
    await padded.say(
      { type: 'interested' },
      { type: 'request', index: last, begin: BLOCK_BYTES, length: BLOCK_BYTES },
    );
    expect(padded.all('block')).toMatchObject([{ index: last, begin: BLOCK_BYTES, length: BLOCK_BYTES }]);
    expect(sent[0]).toEqual(Buffer.concat([content.bytes.subarray(-1), Buffer.alloc(BLOCK_BYTES - 1)]));
    padded.leave();
  });

  it('ends with its piece', async () => {
    const last = content.metainfo.pieceCount - 1;
    await client.say(
      { type: 'interested' },
      { type: 'request', index: last, begin: 2 * BLOCK_BYTES, length: 1 },
    );
    expect(client.closed).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLOCK_BYTES, LAST_BLOCKS_ASKED_MS } from '../../src/limits.ts';
import { RawBtPeer } from '../support/raw-bt-peer.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { testSeed } from '../support/seeded-random.ts';
import { SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
let sim: SimulatedSwarm;

beforeEach(() => {
  sim = new SimulatedSwarm({ seed, pieceLength: 4 * BLOCK_BYTES, pieces: 8 });
});

afterEach(async () => {
  await sim.close();
  expect(sim.network.openConnections).toBe(0);
  expect(sim.clock.pending).toBe(0);
});

function block(index: number, number: number) {
  return { type: 'request', index, begin: number * BLOCK_BYTES, length: BLOCK_BYTES } as const;
}

describe(`who stops serving (SEED=${seed})`, () => {
  it('lets a BitTorrent client ask for the rest of its piece, and for no other', async () => {
    const source = await sim.addSeed();
    const client = await RawBtPeer.dial(sim, source);
    await client.shakeHands();
    await client.say({ type: 'have none' }, { type: 'interested' });
    await client.say(block(3, 0), block(3, 1));
    expect(source.swarm.finishUploads()).toBe(true);
    await client.say(block(3, 2), block(4, 0));
    await client.say(block(3, 3));
    expect(client.all('block').map(({ index, begin }) => [index, begin / BLOCK_BYTES])).toEqual([
      [3, 0],
      [3, 1],
      [3, 2],
      [3, 3],
    ]);
    expect(client.all('reject')).toMatchObject([{ index: 4, begin: 0 }]);
    client.leave();
  });

  it('has nobody to wait for when nothing was asked for of late', async () => {
    const source = await sim.addSeed();
    const client = await RawBtPeer.dial(sim, source);
    await client.shakeHands();
    await client.say({ type: 'have none' }, { type: 'interested' });
    await client.say(block(3, 0));
    expect(source.swarm.finishUploads()).toBe(true);
    await sim.clock.advance(LAST_BLOCKS_ASKED_MS);
    expect(source.swarm.finishUploads()).toBe(false);
    client.leave();
  });

  it('chokes a lanshare node, which asks for whole pieces', async () => {
    const source = await sim.addSeed();
    const peer = await RawPeer.dial(sim, source);
    await peer.introduce();
    await peer.say({ type: 'interested' });
    await peer.say({ type: 'request', index: 2 });
    source.swarm.finishUploads();
    await peer.say({ type: 'request', index: 3 });
    const told = peer.heard.map((input) => ('index' in input ? `${input.type} ${input.index}` : input.type));
    expect(told).toEqual(expect.arrayContaining(['piece 2', 'choke', 'reject 3']));
    expect(told).not.toContain('piece 3');
    peer.leave();
  });
});

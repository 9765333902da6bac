import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { v2Name } from '../../src/metainfo/swarm-names.ts';
import { RawBtPeer } from '../support/raw-bt-peer.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { sampleV2Content } from '../support/sample-v2-content.ts';
import { testSeed } from '../support/seeded-random.ts';
import { type SimulatedPeer, SimulatedSwarm } from '../support/simulated-swarm.ts';

const seed = testSeed();
const content = sampleV2Content({ a: 100_000, b: 10 }, seed, 'hybrid');
const { infoHash } = content.metainfo;
const newName = v2Name(content.metainfo);
if (newName === undefined) throw new Error('a hybrid has two names');

let sim: SimulatedSwarm;
let source: SimulatedPeer;

beforeEach(async () => {
  sim = new SimulatedSwarm({ seed, content });
  source = await sim.addSeed();
});

afterEach(() => sim.close());

describe(`a hybrid content (SEED=${seed})`, () => {
  it('is served under its name in the swarm of v2, too', async () => {
    const client = await RawBtPeer.dial(sim, source);
    await client.shakeHands({ infoHash: newName });
    expect(client.all('handshake')).toMatchObject([{ infoHash: newName, supports: { v2: true } }]);
    client.leave();
    const node = await RawPeer.dial(sim, source, '10.9.9.8');
    await node.introduce({ infoHash: newName });
    expect(node.count('hello')).toBe(1);
    node.leave();
  });

  it('is answered for by its new name where who asks by the old one speaks v2', async () => {
    const [old, modern] = [
      await RawBtPeer.dial(sim, source, '10.9.9.1'),
      await RawBtPeer.dial(sim, source, '10.9.9.2'),
    ];
    await old.shakeHands({ peerId: Buffer.alloc(20, 1) });
    await modern.shakeHands({ peerId: Buffer.alloc(20, 2), v2: true });
    expect(old.all('handshake')).toMatchObject([{ infoHash }]);
    expect(modern.all('handshake')).toMatchObject([{ infoHash: newName }]);
    old.leave();
    modern.leave();
  });

  it('is dialled by the name that the other was heard to use', async () => {
    const callers = await RawBtPeer.listen(sim, { host: '10.7.0.1', port: 6881 });
    source.swarm.learn({ host: '10.7.0.1', port: 6881 }, undefined, 'bittorrent', newName);
    await sim.clock.advance(1_000);
    const [caller] = callers;
    expect(caller?.all('handshake')).toMatchObject([{ infoHash: newName }]);
    caller?.leave();
  });

  it('is dialled by its old name, and either is taken for an answer', async () => {
    for (const [last, name] of [infoHash, newName].entries()) {
      const host = `10.8.0.${last + 1}`;
      const callers = await RawBtPeer.listen(sim, { host, port: 6881 });
      source.swarm.learn({ host, port: 6881 }, undefined, 'bittorrent');
      const fetcher = await sim.addFetcher();
      fetcher.swarm.learn({ host, port: 6881 }, undefined, 'bittorrent');
      await sim.clock.advance(1_000);
      const [caller] = callers;
      expect(caller?.all('handshake')).toMatchObject([{ infoHash, supports: { v2: true } }]);
      await caller?.shakeHands({ infoHash: name, peerId: Buffer.alloc(20, last), v2: true });
      expect(caller?.closed).toBe(false);
      caller?.leave();
    }
  });

  it('is nothing else', async () => {
    const other = 'ab'.repeat(20) as typeof infoHash;
    const client = await RawBtPeer.dial(sim, source);
    await client.shakeHands({ infoHash: other });
    expect(client.closed).toBe(true);
  });
});

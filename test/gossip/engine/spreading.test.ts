import { describe, expect, it } from 'vitest';
import { testSeed } from '../../support/seeded-random.ts';
import { MeasuredSwarm } from '../measured-swarm.ts';
import { share } from '../sample-holdings.ts';
import { SimulatedGossip } from '../simulated-gossip.ts';

/** A node's whole idle traffic is 1 KiB/s at 50 nodes; the beacon takes 0.4 of it. */
const IDLE_BYTES_PER_SECOND = 600;

/** Seconds of work on a busy machine. */
const TIMEOUT_MS = 60_000;

describe('a swarm without multicast', { timeout: TIMEOUT_MS }, () => {
  it.each([0, 0.1])('of five that know their left neighbour knows all within 3 s, with %d lost', (loss) => {
    const seed = testSeed();
    const lan = new SimulatedGossip({ seed });
    lan.loss = loss;
    const nodes = lan.addMany(5);
    for (const [at, node] of nodes.entries()) {
      share(node, at);
      const left = nodes[at - 1];
      if (left !== undefined) node.meet(left);
    }
    expect(
      lan.runUntil(() => lan.isComplete(), loss === 0 ? 3_000 : 6_000),
      `seed ${seed}`,
    ).toBeDefined();
  });

  it('of 50 knows all, then all pieces won, goodbyes and deaths in time, and is quiet', () => {
    const seed = testSeed();
    const swarm = new MeasuredSwarm({ seed, nodes: 50, shares: 20 });
    expect(swarm.start(3_000), `seed ${seed}`).toBeDefined();
    swarm.lan.run(5_000);
    expect(swarm.idle(20_000).mean, `seed ${seed}`).toBeLessThan(IDLE_BYTES_PER_SECOND);
    for (let trial = 0; trial < 5; trial++) {
      expect(swarm.winPiece(10_000).most, `seed ${seed}`).toBeLessThanOrEqual(1_000);
      swarm.lan.run(1_000);
    }
    for (let trial = 0; trial < 3; trial++)
      expect(swarm.leave(10_000).all, `seed ${seed}`).toBeLessThan(1_000);
    for (let trial = 0; trial < 3; trial++)
      expect(swarm.kill(20_000).all, `seed ${seed}`).toBeLessThan(10_000);
  });

  it('of 50 with a tenth of the datagrams lost takes at most twice as long', () => {
    const seed = testSeed();
    const swarm = new MeasuredSwarm({ seed, nodes: 50, shares: 5 });
    swarm.lan.loss = 0.1;
    expect(swarm.start(6_000), `seed ${seed}`).toBeDefined();
    swarm.lan.run(5_000);
    for (let trial = 0; trial < 5; trial++) {
      expect(swarm.winPiece(10_000).most, `seed ${seed}`).toBeLessThanOrEqual(2_000);
      swarm.lan.run(1_000);
    }
    for (let trial = 0; trial < 3; trial++)
      expect(swarm.leave(10_000).all, `seed ${seed}`).toBeLessThan(2_000);
    for (let trial = 0; trial < 3; trial++)
      expect(swarm.kill(20_000).all, `seed ${seed}`).toBeLessThan(20_000);
  });

  it('of 30 that is cut in two for 20 s is whole again within 3 s', () => {
    const seed = testSeed();
    const swarm = new MeasuredSwarm({ seed, nodes: 30, shares: 5 });
    swarm.start(3_000);
    expect(swarm.partition(20_000, 3_000), `seed ${seed}`).toBeDefined();
  });

  it('of 30 finds a node that was alone for 20 s within 3 s', () => {
    const seed = testSeed();
    const swarm = new MeasuredSwarm({ seed, nodes: 30, shares: 5 });
    swarm.start(3_000);
    const alone = swarm.nodes[7]?.endpoint.host;
    swarm.lan.passes = (from, to) => (from === alone) === (to === alone);
    swarm.lan.run(20_000);
    expect(swarm.nodes[7]?.gossip.counts.members).toBe(0);
    swarm.lan.passes = () => true;
    expect(
      swarm.lan.runUntil(() => swarm.lan.isComplete(), 3_000),
      `seed ${seed}`,
    ).toBeDefined();
  });
});

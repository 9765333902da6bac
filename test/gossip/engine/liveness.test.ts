import { describe, expect, it } from 'vitest';
import { testSeed } from '../../support/seeded-random.ts';
import { HeardTable } from '../heard-table.ts';
import { RawGossiper, Subject } from '../raw-gossiper.ts';
import { share } from '../sample-holdings.ts';
import { SimulatedGossip, type SimulatedNode } from '../simulated-gossip.ts';

function swarm(count: number, seed: number) {
  const heard = new HeardTable();
  const lan = new SimulatedGossip({ seed, onSighting: heard.hear });
  const nodes = lan.addMany(count);
  const [first] = nodes;
  for (const [at, node] of nodes.entries()) {
    share(node, at + 1);
    if (first !== undefined && node !== first) node.meet(first);
  }
  expect(
    lan.runUntil(() => lan.isComplete(), 5_000),
    `seed ${seed}`,
  ).toBeDefined();
  lan.run(1_000);
  return { lan, nodes, heard };
}

function pair(nodes: readonly SimulatedNode[]): readonly [SimulatedNode, SimulatedNode] {
  const [a, b] = nodes;
  if (a === undefined || b === undefined) throw new Error('too few nodes');
  return [a, b];
}

describe('a member', () => {
  it('whose machine is busy, as all are, is doubted no more than usual', () => {
    const seed = testSeed();
    const { lan, nodes, heard } = swarm(30, seed);
    const sent = () => nodes.reduce((sum, { sentDatagrams }) => sum + sentDatagrams, 0);
    const sentIn = (ms: number): number => {
      const before = sent();
      lan.run(ms);
      return sent() - before;
    };
    const idle = sentIn(20_000);
    for (const node of nodes) node.turnMs = 400 + 200 * lan.random.next();
    expect(sentIn(20_000), `seed ${seed}`).toBeLessThan(2 * idle);
    expect(heard.gone, `seed ${seed}`).toBe(0);
  });

  it('is not taken for dead in a minute in which a tenth of the datagrams is lost', () => {
    const seed = testSeed();
    const { lan, heard } = swarm(30, seed);
    lan.loss = 0.1;
    lan.run(60_000);
    expect(heard.gone, `seed ${seed}`).toBe(0);
    expect(lan.isComplete()).toBe(true);
  });

  it('that does not answer us, but others, stays', () => {
    const seed = testSeed();
    const { lan, nodes, heard } = swarm(10, seed);
    const [a, b] = pair(nodes);
    const hosts = [a.endpoint.host, b.endpoint.host];
    lan.passes = (from, to) => !(hosts.includes(from) && hosts.includes(to));
    lan.run(60_000);
    expect(heard.gone, `seed ${seed}`).toBe(0);
    expect(a.gossip.members.find(({ peerId }) => peerId === b.peerId)?.state).toBe('vouched');
  });

  it('is not gone because somebody says that it does not answer', () => {
    const subject = new Subject();
    const victim = new RawGossiper(subject, '10.0.0.3').join();
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    for (let round = 0; round < 40; round++) {
      liar.sendItems({ kind: 'unreachable', target: victim.identity.peerId });
      for (let step = 0; step < 10; step++) {
        const effects = subject.advance(25);
        victim.answerPings(effects);
        liar.answerPings(effects);
      }
    }
    expect(subject.gossip.members.map(({ state }) => state)).toEqual(['alive', 'alive']);
  });

  it('that nobody was asked to vouch for is not kept by a liar', () => {
    const subject = new Subject();
    const dead = new RawGossiper(subject, '10.0.0.3').join();
    const liar = new RawGossiper(subject, '10.0.0.2').join();
    for (let step = 0; step < 400; step++) {
      liar.answerPings(subject.advance(25));
      liar.sendItems({ kind: 'vouch', sequence: 1_000_000 + step, target: dead.identity.peerId });
    }
    expect(subject.gossip.members.map(({ peerId }) => peerId)).toEqual([liar.identity.peerId]);
  });

  it('with two addresses is used at the other one, where one goes silent', () => {
    const subject = new Subject();
    const here = new RawGossiper(subject, '10.0.0.2').join();
    const there = new RawGossiper(subject, '192.168.0.2', here.identity);
    there.prove();
    expect(subject.gossip.members[0]?.endpoints).toEqual([there.endpoint, here.endpoint]);
    for (let step = 0; step < 400; step++) here.answerPings(subject.advance(25));
    expect(subject.gossip.members[0]?.endpoints).toEqual([here.endpoint, there.endpoint]);
    expect(subject.gossip.members[0]?.state).toBe('alive');
  });

  it('that died is looked for, and found when it answers again at the same address', () => {
    const seed = testSeed();
    const { lan, nodes } = swarm(3, seed);
    const [, b] = pair(nodes);
    lan.passes = (from, to) => from !== b.endpoint.host && to !== b.endpoint.host;
    lan.run(60_000);
    expect(nodes[0]?.gossip.counts).toMatchObject({ members: 1, lost: 1 });
    lan.passes = () => true;
    expect(
      lan.runUntil(() => lan.isComplete(), 8_000),
      `seed ${seed}`,
    ).toBeDefined();
  });

  it('whose address changes is found there, and nobody thinks that it was gone', () => {
    const seed = testSeed();
    const { lan, nodes, heard } = swarm(10, seed);
    const [a] = pair(nodes);
    lan.move(a, '192.168.7.7');
    a.handle({ kind: 'network changed' });
    lan.run(10_000);
    expect(heard.gone, `seed ${seed}`).toBe(0);
    for (const other of nodes.slice(1)) {
      const known = other.gossip.members.find(({ peerId }) => peerId === a.peerId);
      expect(known?.endpoints[0]?.host, `seed ${seed}`).toBe('192.168.7.7');
    }
  });

  it('that was asleep for a minute takes nobody for gone, and is known again to all within 3 s', () => {
    const seed = testSeed();
    const { lan, nodes, heard } = swarm(10, seed);
    const [a] = pair(nodes);
    a.sleep();
    lan.run(60_000);
    a.wakeFromSleep();
    const before = heard.sightings.length;
    expect(
      lan.runUntil(() => lan.isComplete(), 3_000),
      `seed ${seed}`,
    ).toBeDefined();
    lan.run(10_000);
    const gone = heard.sightings
      .slice(before)
      .filter(({ node, sighting }) => node === a && sighting.kind === 'gone');
    expect(gone, `seed ${seed}`).toEqual([]);
  });

  it.each([-3_600_000, 3_600_000])('whose clock jumps by %d ms stays, and keeps the others', (jump) => {
    const seed = testSeed();
    const { lan, nodes, heard } = swarm(10, seed);
    const [a] = pair(nodes);
    a.clockJumps(jump);
    lan.run(20_000);
    expect(heard.gone, `seed ${seed}`).toBe(0);
    expect(lan.isComplete()).toBe(true);
  });

  it('with the id of another is one with two addresses, and nobody breaks', () => {
    const seed = testSeed();
    const { lan, nodes } = swarm(6, seed);
    const [a] = pair(nodes);
    const twin = lan.add({ identity: a.identity });
    share(twin, 99);
    for (const other of nodes.slice(1)) twin.meet(other);
    lan.run(10_000);
    for (const other of nodes.slice(1)) {
      const known = other.gossip.members.find(({ peerId }) => peerId === a.peerId);
      expect(known?.endpoints, `seed ${seed}`).toHaveLength(2);
      expect(other.gossip.counts.members).toBe(5);
    }
  });

  it('that says goodbye is gone everywhere, once', () => {
    const seed = testSeed();
    const { lan, nodes, heard } = swarm(10, seed);
    const [a] = pair(nodes);
    a.leave();
    lan.run(10_000);
    expect(heard.goneOf(a.peerId), `seed ${seed}`).toBe(9);
    expect(nodes[1]?.gossip.counts.lost).toBe(0);
  });
});

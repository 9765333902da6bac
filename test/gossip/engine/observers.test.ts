import { describe, expect, it } from 'vitest';
import { GOSSIP_INQUIRY_REPEATS_MS } from '../../../src/limits.ts';
import { testSeed } from '../../support/seeded-random.ts';
import { HeardTable } from '../heard-table.ts';
import { share } from '../sample-holdings.ts';
import { SimulatedGossip } from '../simulated-gossip.ts';

function lanWithObserver() {
  const seed = testSeed();
  const heard = new HeardTable();
  const lan = new SimulatedGossip({ seed, onSighting: heard.hear });
  const sharers = lan.addMany(5);
  const [first] = sharers;
  if (first === undefined) throw new Error('too few nodes');
  for (const [at, node] of sharers.entries()) {
    share(node, at + 1);
    if (node !== first) node.meet(first);
  }
  lan.run(1_000);
  const observer = lan.add();
  observer.meet(first);
  return { seed, heard, lan, sharers, observer, first };
}

describe('a node that holds nothing', () => {
  it('hears of everybody, and is on no list itself', () => {
    const { lan, observer, sharers, seed } = lanWithObserver();
    lan.run(3_000);
    expect(observer.gossip.counts.members, `seed ${seed}`).toBe(5);
    for (const sharer of sharers) expect(sharer.gossip.counts.members, `seed ${seed}`).toBe(4);
  });

  it('asks only members that may have what it searches for, and again a few times, as answers get lost', () => {
    const { lan, observer, sharers, seed } = lanWithObserver();
    observer.handle({ kind: 'queries', queries: [{ kind: 'name', name: 'content-3.bin' }] });
    lan.run(10_000);
    const asked = observer.others.flatMap((effect) => (effect.kind === 'inquire' ? [effect.peerId] : []));
    const holder = sharers[2]?.peerId;
    expect(
      asked.filter((peerId) => peerId === holder),
      `seed ${seed}`,
    ).toHaveLength(1 + GOSSIP_INQUIRY_REPEATS_MS.length);
    expect(new Set(asked).size, 'with one that the filter takes for another').toBeLessThanOrEqual(2);
  });

  it('asks a member again when that holds something else', () => {
    const { lan, observer, first, seed } = lanWithObserver();
    lan.run(2_000);
    observer.handle({ kind: 'queries', queries: [{ kind: 'name', name: 'content-42.bin' }] });
    lan.run(1_000);
    share(first, 1, 42);
    lan.run(1_000);
    const asked = observer.others.flatMap((effect) => (effect.kind === 'inquire' ? [effect.node] : []));
    expect(asked, `seed ${seed}`).toContainEqual(first.endpoint);
  });

  it('becomes a member with what it holds', () => {
    const { lan, observer, seed } = lanWithObserver();
    lan.run(2_000);
    share(observer, 50);
    expect(
      lan.runUntil(() => lan.isComplete(), 1_000),
      `seed ${seed}`,
    ).toBeDefined();
  });

  it('that dies is forgotten, and nobody is told that it is gone', () => {
    const { lan, observer, sharers, heard, seed } = lanWithObserver();
    lan.run(3_000);
    observer.kill();
    lan.run(30_000);
    expect(heard.gone, `seed ${seed}`).toBe(0);
    for (const sharer of sharers) expect(sharer.gossip.counts.observers).toBe(0);
  });
});

describe('a node that wants to know whether it can be reached', () => {
  it('is dialled by members at the address that they see, and told how it went', () => {
    const { lan, observer, sharers, seed } = lanWithObserver();
    lan.run(1_000);
    observer.handle({ kind: 'examine me', port: 50_000 });
    lan.run(20);
    const examiners = sharers.filter((sharer) =>
      sharer.others.some(
        (effect) =>
          effect.kind === 'examine' &&
          effect.node.host === observer.endpoint.host &&
          effect.node.port === 50_000,
      ),
    );
    expect(examiners.length, `seed ${seed}`).toBeGreaterThanOrEqual(1);
    for (const examiner of examiners)
      for (const effect of examiner.others)
        if (effect.kind === 'examine')
          examiner.handle({
            kind: 'examined',
            asker: effect.asker,
            sequence: effect.sequence,
            outcome: 'refused',
            wallTime: 1_234,
          });
    lan.run(20);
    const outcomes = observer.others.filter(({ kind }) => kind === 'examination');
    expect(outcomes).toHaveLength(examiners.length);
    expect(outcomes[0]).toMatchObject({ outcome: 'refused', wallTime: 1_234 });
  });

  it('is dialled by the first members it gets to know, where it knew none', () => {
    const { lan, observer, sharers, seed } = lanWithObserver();
    observer.handle({ kind: 'examine me', port: 50_000 });
    lan.run(1_000);
    const dials = sharers.flatMap(({ others }) => others.filter(({ kind }) => kind === 'examine'));
    expect(dials.length, `seed ${seed}`).toBeGreaterThanOrEqual(1);
  });

  it('cannot have the same member dial all the time', () => {
    const { lan, observer, sharers } = lanWithObserver();
    lan.run(1_000);
    for (let time = 0; time < 50; time++) {
      observer.handle({ kind: 'examine me', port: 50_000 + time });
      lan.run(10);
    }
    for (const { others } of sharers)
      expect(others.filter(({ kind }) => kind === 'examine').length).toBeLessThanOrEqual(1);
  });
});

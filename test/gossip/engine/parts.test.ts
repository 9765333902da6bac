import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda } from '../../../src/gossip/engine/agenda.ts';
import { EngineTime } from '../../../src/gossip/engine/engine-time.ts';
import { fanOut } from '../../../src/gossip/engine/fan-out.ts';
import { Peer } from '../../../src/gossip/engine/peer.ts';
import { RandomPool } from '../../../src/gossip/engine/random-pool.ts';
import { Rotation } from '../../../src/gossip/engine/rotation.ts';
import { ScopeDigest } from '../../../src/gossip/engine/scope-digest.ts';
import type { PeerId } from '../../../src/holdings/holding.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const shortId = fc.stringMatching(/^[0-9a-f]{16}$/);
const entries = fc.array(fc.tuple(shortId, fc.integer({ min: 1, max: 2 ** 47 })), { maxLength: 50 });

describe('a digest', () => {
  it('depends on what is known, and not on how it came to be known', () => {
    fc.assert(
      fc.property(entries, entries, (kept, passing) => {
        const known = new Map(kept);
        const straight = new ScopeDigest();
        for (const [id, version] of known) straight.set(id, version);
        const roundabout = new ScopeDigest();
        for (const [id, version] of passing) roundabout.set(id, version);
        for (const [id, version] of [...known].reverse()) roundabout.set(id, version);
        for (const [id] of passing) if (!known.has(id)) roundabout.delete(id);
        expect(roundabout.root).toEqual(straight.root);
        expect(roundabout.size).toBe(known.size);
        for (const bits of [0, 3, 8]) expect(roundabout.buckets(bits)).toEqual(straight.buckets(bits));
      }),
    );
  });

  it('differs where a version differs, in the bucket of that peer alone', () => {
    fc.assert(
      fc.property(entries, shortId, fc.integer({ min: 1, max: 100 }), (others, id, version) => {
        const here = new ScopeDigest();
        const there = new ScopeDigest();
        for (const digest of [here, there]) for (const one of others) digest.set(...one);
        here.set(id, version);
        there.set(id, version + 1);
        expect(here.root).not.toEqual(there.root);
        const [mine, theirs] = [here.buckets(8), there.buckets(8)];
        const differing = [...mine.keys()].filter((bucket) => mine[bucket] !== theirs[bucket]);
        expect(differing).toEqual([Number.parseInt(id.slice(0, 2), 16)]);
      }),
    );
  });

  it('gives each entry in exactly one of the parts', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 0, max: 8 }), (all, bits) => {
        const digest = new ScopeDigest();
        for (const one of all) digest.set(...one);
        const found = Array.from({ length: 2 ** bits }, (_, bucket) => digest.entries(bits, bucket)).flat();
        const expected = [...new Map(all)].map(([id, version]) => ({ shortId: id, version }));
        expect(new Set(found.map(({ shortId: id }) => id)).size).toBe(found.length);
        expect(found.toSorted(byId)).toEqual(expected.toSorted(byId));
      }),
    );
  });

  it('is the one that docs/PROTOCOL.md computes', () => {
    const digest = new ScopeDigest();
    digest.set('0000000000000000', 1);
    // The first number of SplitMix64 with seed 0.
    expect(Buffer.from(digest.root).toString('hex')).toBe('e220a8397b1dcdaf');
  });
});

describe('a pool', () => {
  it('gives as many different members as are asked for and are useful', () => {
    const random = seededRandom(3);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(100)), fc.nat(20), fc.array(fc.nat(100)), (items, count, removed) => {
        const pool = new RandomPool<number>();
        for (const item of items) pool.add(item);
        for (const item of removed) pool.delete(item);
        const useful = items.filter((item) => !removed.includes(item) && item % 2 === 0);
        const sample = pool.sample(random, count, (item) => item % 2 === 0);
        expect(new Set(sample).size).toBe(sample.length);
        expect(sample.every((item) => useful.includes(item))).toBe(true);
        expect(sample).toHaveLength(Math.min(count, useful.length));
      }),
    );
  });
});

describe('an agenda', () => {
  it('does what is due, in order, and not what was cancelled', () => {
    const agenda = new Agenda();
    const done: string[] = [];
    agenda.in(20, () => done.push('second'));
    agenda.in(10, () => done.push('first'));
    agenda.in(15, () => done.push('never')).cancel();
    agenda.in(30, () => done.push('later'));
    expect(agenda.nextAt).toBe(10);
    agenda.advance(25);
    agenda.runDue();
    expect(done).toEqual(['first', 'second']);
    expect(agenda.nextAt).toBe(30);
  });

  it('leaves what is set meanwhile for the next call', () => {
    const agenda = new Agenda();
    let runs = 0;
    const again = (): void => {
      runs++;
      agenda.in(0, again);
    };
    again();
    agenda.runDue();
    expect(runs).toBe(2);
  });
});

describe('the time of the engine', () => {
  it('follows the clock, also where a call is a little late', () => {
    const time = new EngineTime();
    time.advance(5_000, 100);
    expect(time.advance(6_500, 500)).toEqual({ now: 1_500, jumped: false });
    expect(time.toClock(2_000)).toBe(7_000);
  });

  it('stands still while the machine sleeps', () => {
    const time = new EngineTime();
    time.advance(0, 0);
    expect(time.advance(3_600_000, 500)).toEqual({ now: 500, jumped: true });
    expect(time.advance(3_600_100, 1_000)).toEqual({ now: 600, jumped: false });
  });

  it('does not run backwards', () => {
    const time = new EngineTime();
    time.advance(10_000, 0);
    time.advance(10_400, 500);
    expect(time.advance(1_000, 500)).toEqual({ now: 400, jumped: true });
    expect(time.advance(1_050, 500)).toEqual({ now: 450, jumped: false });
  });
});

it('news go to ln n + 1 others, as in Kermarrec, Massoulié, Ganesh 2003', () => {
  expect([0, 1, 50, 1_000, 10_000].map((audience) => fanOut(audience, 1))).toEqual([1, 2, 5, 8, 11]);
});

function byId(a: { readonly shortId: string }, b: { readonly shortId: string }): number {
  return a.shortId < b.shortId ? -1 : 1;
}

describe('the order in which peers are pinged', () => {
  it('does not grow with those who come and go', () => {
    const pool = new RandomPool<Peer>();
    const rotation = new Rotation(seededRandom(1), { pool, isKnown: (peer) => pool.items.includes(peer) });
    const come = (number: number): Peer => {
      const peer = new Peer(number.toString(16).padStart(40, '0') as PeerId, 0);
      pool.add(peer);
      rotation.add(peer);
      return peer;
    };
    const staying = Array.from({ length: 20 }, (_, number) => come(number));
    for (let number = 100; number < 10_000; number++) pool.delete(come(number));
    expect(rotation.length).toBeLessThan(200);
    const turn = staying.map(() => rotation.next());
    expect(new Set(turn)).toEqual(new Set(staying));
  });
});

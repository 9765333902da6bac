import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peerIdFromBytes } from '../../src/holdings/holding.ts';
import { FIRST_CHOKING_ROUND_MS } from '../../src/limits.ts';
import { ChokingInRounds } from '../../src/transfer/choking-in-rounds.ts';
import type { PeerSession } from '../../src/transfer/peer-session.ts';
import { fakeSession } from '../support/fake-session.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

interface Scene {
  readonly clock: VirtualClock;
  readonly sessions: PeerSession[];
  readonly choking: ChokingInRounds;
  readonly preferred: number[][];
  readonly optimistic: (number | undefined)[];
  complete: boolean;
  moreMayCome: boolean;
  become(place: number, interested: boolean): void;
  unchoked(): number[];
}

/** Peers with k = 2, p = 5 s, m = 10 s. */
function scene(peers: number, seed = 1): Scene {
  const clock = new VirtualClock();
  const sessions = Array.from(
    { length: peers },
    (_, place) => fakeSession({ peerId: peerIdFromBytes(Buffer.alloc(20, place)), pieceCount: 8 }).session,
  );
  const preferred: number[][] = [];
  const optimistic: (number | undefined)[] = [];
  const made: Scene = {
    clock,
    sessions,
    preferred,
    optimistic,
    complete: false,
    moreMayCome: true,
    choking: new ChokingInRounds(
      {
        uploadSlots: 2,
        intervalMs: 5_000,
        optimisticIntervalMs: 10_000,
        clock,
        random: seededRandom(seed),
        sessions: () => sessions,
        complete: () => made.complete,
      },
      {
        onPreferred: (chosen) => preferred.push(chosen.map((one) => sessions.indexOf(one)).sort()),
        moreMayCome: () => made.moreMayCome,
        onOptimistic: (chosen) => optimistic.push(chosen && sessions.indexOf(chosen)),
      },
    ),
    become(place, interested) {
      const session = sessions[place];
      if (session === undefined) throw new RangeError('no such peer');
      session.interested = interested;
      if (interested) made.choking.onInterested();
    },
    unchoked: () => sessions.flatMap(({ amChoking }, place) => (amChoking ? [] : [place])),
  };
  return made;
}

describe('choking in rounds', () => {
  it('begins soon after the first peer is interested, with k by rate and one beside them', async () => {
    const { clock, become, unchoked, choking } = scene(5);
    await clock.advance(20_000);
    expect(clock.pending).toBe(0);
    for (const place of [0, 1, 2, 3]) become(place, true);
    await clock.advance(FIRST_CHOKING_ROUND_MS - 1);
    expect(unchoked()).toEqual([]);
    await clock.advance(1);
    expect(unchoked()).toHaveLength(3);
    expect(unchoked()).not.toContain(4);
    choking.stop();
    expect(clock.pending).toBe(0);
  });

  it('begins at once when nobody else can become interested, and then keeps to its intervals', async () => {
    const made = scene(3);
    const { clock, become, unchoked, preferred, choking } = made;
    become(0, true);
    become(1, true);
    expect(unchoked()).toEqual([]);
    made.moreMayCome = false;
    become(2, true);
    expect(unchoked()).toEqual([0, 1, 2]);
    expect(preferred).toHaveLength(1);
    // The timer that waited for others does not begin it a second time.
    expect(clock.pending).toBe(2);
    choking.stop();
    become(0, true);
    expect(clock.pending).toBe(0);
  });

  it('prefers those that gave most in the last interval alone, not those that gave most ever', async () => {
    const { clock, sessions, become, preferred, choking } = scene(4);
    for (const place of [0, 1, 2, 3]) become(place, true);
    await clock.advance(FIRST_CHOKING_ROUND_MS);
    const give = (bytes: readonly number[]): void => {
      for (const [place, session] of sessions.entries()) session.downloadedBytes += bytes[place] ?? 0;
    };
    give([9_000, 8_000, 10, 20]);
    await clock.advance(5_000);
    expect(preferred.at(-1)).toEqual([0, 1]);
    give([100, 100, 900, 800]);
    await clock.advance(5_000);
    expect(preferred.at(-1)).toEqual([2, 3]);
    choking.stop();
  });

  it('breaks ties at random, and chooses at random when the file is complete', async () => {
    const chosen = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const one = scene(4, seed);
      one.complete = seed % 2 === 0;
      // Without the tie the rate would decide; when complete it may not.
      for (const [place, session] of one.sessions.entries())
        session.downloadedBytes = one.complete ? place : 0;
      for (const place of [0, 1, 2, 3]) one.become(place, true);
      await one.clock.advance(FIRST_CHOKING_ROUND_MS);
      chosen.add(`${one.complete} ${one.preferred[0]}`);
      one.choking.stop();
    }
    expect(chosen.size).toBeGreaterThan(8);
  });

  it('gives the optimistic place to somebody else after m seconds, and chokes who had it', async () => {
    const { clock, become, optimistic, unchoked, sessions, choking } = scene(4);
    for (const place of [0, 1, 2, 3]) become(place, true);
    for (const place of [0, 1]) (sessions[place] as PeerSession).downloadedBytes = 1_000;
    await clock.advance(FIRST_CHOKING_ROUND_MS);
    const [first] = optimistic;
    // Who has a place by rate keeps it; the other two take turns.
    for (let at = 0; at < 10; at++) {
      for (const place of [0, 1]) (sessions[place] as PeerSession).downloadedBytes += 1_000;
      await clock.advance(1_000);
    }
    expect(optimistic).toHaveLength(2);
    expect(optimistic[1]).not.toBe(first);
    expect(unchoked()).not.toContain(first);
    choking.stop();
  });

  it('who is alone keeps its place, and who stops being interested loses it at the next round', async () => {
    const { clock, become, unchoked, preferred, choking } = scene(1);
    become(0, true);
    await clock.advance(30_000);
    expect(unchoked()).toEqual([0]);
    expect(preferred).toEqual([[0]]);
    become(0, false);
    await clock.advance(400);
    expect(unchoked()).toEqual([0]);
    await clock.advance(10_000);
    expect(unchoked()).toEqual([]);
    choking.stop();
  });

  it('whoever comes and goes: exactly the preferred and the optimistic one are unchoked after a round', async () => {
    const change = fc.record({
      place: fc.nat({ max: 5 }),
      interested: fc.boolean(),
      gives: fc.nat({ max: 3 }),
      after: fc.integer({ min: 0, max: 6_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
        const { clock, sessions, become, unchoked, preferred, optimistic, choking } = scene(6);
        for (const { place, interested, gives, after } of changes) {
          (sessions[place] as PeerSession).downloadedBytes += gives;
          become(place, interested);
          await clock.advance(after);
          const allowed = new Set([...(preferred.at(-1) ?? []), optimistic.at(-1)]);
          expect(unchoked()).toEqual([0, 1, 2, 3, 4, 5].filter((peer) => allowed.has(peer)));
        }
        choking.stop();
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

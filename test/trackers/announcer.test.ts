import { describe, expect, it } from 'vitest';
import {
  MAX_TRACKERS,
  TRACKER_INTERVAL_DEFAULT_SECONDS,
  TRACKER_INTERVAL_JITTER_RATIO,
  TRACKER_INTERVAL_MAX_SECONDS,
  TRACKER_INTERVAL_MIN_SECONDS,
  TRACKER_RETRY_MAX_MS,
  TRACKER_RETRY_MIN_MS,
} from '../../src/limits.ts';
import type { AnnounceOrder } from '../../src/trackers/announce-order.ts';
import { Announcer } from '../../src/trackers/announcer.ts';
import type { AnnounceAnswer } from '../../src/wire/tracker/announce.ts';
import { seededRandom } from '../support/seeded-random.ts';

const A = 'http://a/announce';
const B = 'http://b/announce';
const C = 'udp://c:1';

const ANSWER: AnnounceAnswer = {
  intervalSeconds: 1_800,
  minIntervalSeconds: undefined,
  seeders: 3,
  leechers: 2,
  peers: [{ host: '10.0.0.1', port: 1 }],
  warning: undefined,
  trackerId: undefined,
};

function announcer(tiers: readonly (readonly string[])[], seed = 1): Announcer {
  return new Announcer(tiers, seededRandom(seed));
}

function said(orders: readonly AnnounceOrder[]): readonly string[] {
  return orders.map(({ tracker, event }) => `${event} ${tracker.url}`);
}

/** The one order that is due. */
function only(orders: readonly AnnounceOrder[]): AnnounceOrder {
  const [order, ...more] = orders;
  if (order === undefined || more.length > 0) throw new Error(`${orders.length} orders`);
  return order;
}

/** One tracker that has answered at time 0. */
function working(answer: Partial<AnnounceAnswer> = {}): Announcer {
  const machine = announcer([[A]]);
  machine.succeeded(only(machine.due(0)), { ...ANSWER, ...answer }, 0);
  return machine;
}

describe('with several tiers', () => {
  it('all tiers are announced to at once, and one tracker of each', () => {
    const machine = announcer([[A], [B], [C]]);
    expect(said(machine.due(0))).toEqual([`started ${A}`, `started ${B}`, `started ${C}`]);
    expect(machine.due(0)).toEqual([]);
    expect(machine.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('a tier is in random order', () => {
    const firsts = new Set<string>();
    for (let seed = 0; seed < 20; seed++) firsts.add(only(announcer([[A, B, C]], seed).due(0)).tracker.url);
    expect(firsts).toEqual(new Set([A, B, C]));
  });

  it('a tracker that is named twice is asked once', () => {
    const machine = announcer([[A, A], [A], [B]]);
    expect(said(machine.due(0))).toEqual([`started ${A}`, `started ${B}`]);
    expect(machine.status()).toHaveLength(2);
  });

  it('no more than a bounded number of trackers are asked', () => {
    const machine = announcer(Array.from({ length: 1_000 }, (_, at) => [`http://t/${at}`]));
    expect(machine.due(0)).toHaveLength(MAX_TRACKERS);
  });

  it('no tracker at all is nothing to do', () => {
    const machine = announcer([[], []]);
    expect(machine.due(0)).toEqual([]);
    expect(machine.nextAt).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('within a tier', () => {
  it('the next tracker is tried at once where one fails, and the one that works is first from then on', () => {
    const machine = announcer([[A, B]]);
    const first = only(machine.due(0));
    expect(first.patience).toBe('short');
    machine.failed(first, 'it is gone', 10);
    const second = only(machine.due(10));
    expect(second.tracker).not.toBe(first.tracker);
    expect(second.patience).toBe('long');
    machine.succeeded(second, ANSWER, 20);
    expect(machine.status().map(({ url, state }) => [url, state])).toEqual([
      [second.tracker.url, 'working'],
      [first.tracker.url, 'failed'],
    ]);
    expect(machine.nextAt).toBeGreaterThanOrEqual(20 + 1_800_000);
    expect(only(machine.due(machine.nextAt)).tracker).toBe(second.tracker);
  });

  it('the second takes over when the first stops working, and hears that we have started', () => {
    const machine = announcer([[A, B]]);
    const first = only(machine.due(0));
    machine.succeeded(first, ANSWER, 0);
    const now = machine.nextAt;
    const again = only(machine.due(now));
    expect([again.tracker, again.event]).toEqual([first.tracker, 'regular']);
    machine.failed(again, 'it is gone', now);
    const other = only(machine.due(now));
    expect([other.tracker === first.tracker, other.event]).toEqual([false, 'started']);
  });

  it('trackers that fail are left alone for longer each time, up to a limit', () => {
    const machine = announcer([[A]]);
    let now = 0;
    const pauses: number[] = [];
    for (let times = 0; times < 15; times++) {
      machine.failed(only(machine.due(now)), 'no answer', now);
      expect(machine.due(now)).toEqual([]);
      pauses.push(machine.nextAt - now);
      now = machine.nextAt;
    }
    pauses.forEach((pause, times) => {
      const usual = Math.min(TRACKER_RETRY_MIN_MS * 2 ** times, TRACKER_RETRY_MAX_MS);
      expect(pause).toBeGreaterThanOrEqual(usual * 0.75);
      expect(pause).toBeLessThanOrEqual(usual * 1.25);
    });
    machine.succeeded(only(machine.due(now)), ANSWER, now);
    const later = machine.nextAt;
    machine.failed(only(machine.due(later)), 'no answer', later);
    machine.due(later);
    expect(machine.nextAt - later).toBeLessThanOrEqual(TRACKER_RETRY_MIN_MS * 1.25);
  });

  it('a tracker that says when it wants to be asked again is not asked before, whoever is in a hurry', () => {
    const machine = announcer([[A]]);
    machine.failed(only(machine.due(0)), 'overloaded', 0, 600_000);
    machine.announceNow(100_000);
    expect(machine.due(100_000)).toEqual([]);
    expect(machine.nextAt).toBe(600_000);
    machine.failed(only(machine.due(600_000)), 'overloaded', 600_000, 10 ** 15);
    machine.due(600_000);
    expect(machine.nextAt).toBe(600_000 + TRACKER_INTERVAL_MAX_SECONDS * 1_000);
  });

  it('a tracker that wants never to be asked again is not', () => {
    const machine = announcer([[A]]);
    machine.failed(only(machine.due(0)), 'banned', 0, Number.POSITIVE_INFINITY);
    machine.announceNow(10 ** 12);
    expect(machine.due(10 ** 12)).toEqual([]);
    expect(machine.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('a tracker whose protocol is not spoken here is shown as failed and never asked', () => {
    const machine = announcer([['wss://w'], [A]]);
    expect(said(machine.due(0))).toEqual([`started ${A}`]);
    machine.announceNow(1_000_000);
    expect(machine.due(1_000_000)).toEqual([]);
    expect(machine.status()[0]).toMatchObject({
      state: 'failed',
      message: 'lanshare does not speak wss with trackers',
      nextAnnounceAt: undefined,
    });
  });
});

describe('the interval', () => {
  it.each([
    ['is the one that the tracker names', { intervalSeconds: 900 }, 900],
    ['is at least its min interval', { intervalSeconds: 900, minIntervalSeconds: 1_000 }, 1_000],
    ['is never shorter than a bound', { intervalSeconds: 0 }, TRACKER_INTERVAL_MIN_SECONDS],
    ['is never longer than a bound', { intervalSeconds: 2 ** 40 }, TRACKER_INTERVAL_MAX_SECONDS],
    ['is half an hour where none is named', { intervalSeconds: undefined }, TRACKER_INTERVAL_DEFAULT_SECONDS],
  ])('%s', (_, answer, seconds) => {
    const machine = working(answer);
    expect(machine.due(seconds * 1_000 - 1)).toEqual([]);
    expect(said(machine.due(seconds * 1_000 * (1 + TRACKER_INTERVAL_JITTER_RATIO)))).toEqual([
      `regular ${A}`,
    ]);
    expect(machine.status()[0]?.interval).toBe(seconds);
  });

  it('ends a little later than the tracker says, for each peer at another time', () => {
    const ends = Array.from({ length: 100 }, (_, seed) => {
      const machine = announcer([[A]], seed);
      machine.succeeded(only(machine.due(0)), ANSWER, 0);
      return machine.nextAt / 1_800_000;
    });
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...ends)).toBeLessThanOrEqual(1 + TRACKER_INTERVAL_JITTER_RATIO);
    expect(new Set(ends).size).toBeGreaterThan(90);
  });

  it('is cut short by the user, but not below the min interval', () => {
    const machine = working({ minIntervalSeconds: 300 });
    machine.announceNow(10_000);
    expect(machine.nextAt).toBe(300_000);
    machine.announceNow(400_000);
    expect(said(machine.due(400_000))).toEqual([`regular ${A}`]);
  });

  it('of a min interval that is absurd is cut to the interval', () => {
    const machine = working({ intervalSeconds: 60, minIntervalSeconds: 2 ** 40 });
    machine.announceNow(1_000);
    expect(machine.nextAt).toBe(TRACKER_INTERVAL_MAX_SECONDS * 1_000);
  });

  it('of a tracker that fails is cut short by the user, too', () => {
    const machine = announcer([[A]]);
    let now = 0;
    for (let times = 0; times < 8; times++) {
      machine.failed(only(machine.due(now)), 'no answer', now);
      machine.due(now);
      if (times < 7) now = machine.nextAt;
    }
    expect(machine.nextAt - now).toBeGreaterThan(60_000);
    machine.announceNow(now + 20_000);
    expect(said(machine.due(now + 20_000))).toEqual([`started ${A}`]);
  });
});

describe('completed', () => {
  it('is told at once, and once', () => {
    const machine = working();
    machine.completed(5_000);
    machine.completed(5_000);
    const order = only(machine.due(5_000));
    expect(order.event).toBe('completed');
    machine.succeeded(order, ANSWER, 5_000);
    machine.completed(6_000);
    expect(machine.due(6_000)).toEqual([]);
    expect(said(machine.due(machine.nextAt))).toEqual([`regular ${A}`]);
  });

  it('comes after started where that is under way', () => {
    const machine = announcer([[A]]);
    const started = only(machine.due(0));
    machine.completed(1);
    expect(machine.due(1)).toEqual([]);
    machine.succeeded(started, ANSWER, 2);
    expect(said(machine.due(2))).toEqual([`completed ${A}`]);
  });

  it('waits for a tracker that fails', () => {
    const machine = working();
    machine.completed(1_000);
    machine.failed(only(machine.due(1_000)), 'busy', 1_000);
    machine.completed(1_001);
    expect(machine.due(1_001)).toEqual([]);
    expect(said(machine.due(machine.nextAt))).toEqual([`completed ${A}`]);
  });
});

describe('stopped', () => {
  it('is for trackers that know of us, or may', () => {
    const machine = announcer([[A], [B], [C]]);
    const [toA, toB] = machine.due(0);
    if (toA === undefined || toB === undefined) throw new Error('no orders');
    machine.succeeded(toA, ANSWER, 0);
    machine.failed(toB, 'refused', 0);
    expect(said(machine.stop())).toEqual([`stopped ${A}`, `stopped ${C}`]);
  });
});

describe('the status', () => {
  it('says how it stands with each tracker', () => {
    const machine = announcer([[A], [B]]);
    expect(machine.status()[0]).toEqual({
      url: A,
      state: 'waiting',
      message: '',
      seeders: undefined,
      leechers: undefined,
      interval: undefined,
      peersReceived: 0,
      nextAnnounceAt: undefined,
    });
    const [toA, toB] = machine.due(0);
    if (toA === undefined || toB === undefined) throw new Error('no orders');
    machine.succeeded(toA, { ...ANSWER, warning: 'old client' }, 7);
    const nextAnnounceAt = machine.nextAt;
    machine.failed(toB, 'torrent not registered', 7);
    machine.due(7);
    expect(machine.status()).toMatchObject([
      {
        state: 'working',
        message: 'old client',
        seeders: 3,
        leechers: 2,
        interval: 1_800,
        peersReceived: 1,
        nextAnnounceAt,
      },
      { state: 'failed', message: 'torrent not registered', peersReceived: 0 },
    ]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import {
  MAX_NAMES_KEPT,
  MAX_TRACKER_LOOK_UPS_AT_ONCE,
  TRACKER_ADDRESSES_KEPT_MS,
  TRACKER_RETRY_MIN_MS,
} from '../../src/limits.ts';
import { LookUps } from '../../src/trackers/look-ups.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

let clock: VirtualClock;
let lookUps: LookUps;
/** Names that the system was asked for, and what ends each look-up. */
let asked: string[];
let answers: ((addresses: readonly string[] | Error) => void)[];
beforeEach(() => {
  clock = new VirtualClock();
  asked = [];
  answers = [];
  const resolve = (host: string): Promise<readonly string[]> =>
    new Promise((found, failed) => {
      asked.push(host);
      answers.push((addresses) => (addresses instanceof Error ? failed(addresses) : found(addresses)));
    });
  lookUps = new LookUps({ resolve }, clock);
});

describe('looking up trackers', () => {
  it('an address is itself', async () => {
    expect(await lookUps.resolve('10.0.0.1')).toEqual(['10.0.0.1']);
    expect(await lookUps.resolve('fd77::1')).toEqual(['fd77::1']);
    expect(asked).toEqual([]);
  });

  it('a name that a thousand contents need is looked up once, and again after a while', async () => {
    const all = Array.from({ length: 1_000 }, () => lookUps.resolve('tracker.lan'));
    answers[0]?.(['10.0.0.1']);
    expect(new Set((await Promise.all(all)).flat())).toEqual(new Set(['10.0.0.1']));
    await lookUps.resolve('tracker.lan');
    expect(asked).toHaveLength(1);
    await clock.advance(TRACKER_ADDRESSES_KEPT_MS);
    void lookUps.resolve('tracker.lan');
    expect(asked).toHaveLength(2);
  });

  it('a name that is not found is looked up again when a tracker is retried', async () => {
    const first = lookUps.resolve('tracker.lan');
    answers[0]?.(new Error('the network is down'));
    await expect(first).rejects.toThrow('down');
    await expect(lookUps.resolve('tracker.lan')).rejects.toThrow('down');
    await clock.advance(TRACKER_RETRY_MIN_MS * 0.75);
    const second = lookUps.resolve('tracker.lan');
    answers[1]?.(['10.0.0.1']);
    expect(await second).toEqual(['10.0.0.1']);
  });

  it('few names are looked up at once, and the others after them, in order', async () => {
    const names = Array.from({ length: 6 }, (_, at) => `t${at}.lan`);
    const all = names.map((name) => lookUps.resolve(name));
    expect(asked).toHaveLength(MAX_TRACKER_LOOK_UPS_AT_ONCE);
    for (let at = 0; at < 6; at++) {
      answers[at]?.([`10.0.0.${at}`]);
      await all[at];
      await clock.advance(0);
      expect(asked).toHaveLength(Math.min(6, at + 1 + MAX_TRACKER_LOOK_UPS_AT_ONCE));
    }
    expect(asked).toEqual(names);
    expect((await Promise.all(all)).flat()).toEqual(names.map((_, at) => `10.0.0.${at}`));
  });

  it('no more than a bounded number of names are kept', async () => {
    for (let at = 0; at <= MAX_NAMES_KEPT; at++) {
      const found = lookUps.resolve(`t${at}.lan`);
      answers[at]?.(['10.0.0.1']);
      await found;
    }
    void lookUps.resolve('t1.lan');
    expect(asked).toHaveLength(MAX_NAMES_KEPT + 1);
    void lookUps.resolve('t0.lan');
    expect(asked).toHaveLength(MAX_NAMES_KEPT + 2);
  });
});

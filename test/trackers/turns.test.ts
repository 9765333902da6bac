import { describe, expect, it } from 'vitest';
import { MAX_REQUESTS_PER_TRACKER, MAX_TRACKER_REQUESTS_AT_ONCE } from '../../src/limits.ts';
import { Turns } from '../../src/trackers/turns.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** Requests that a test ends one by one. */
class Requests {
  readonly clock = new VirtualClock();
  readonly #turns = new Turns(this.clock);
  readonly #ends: (() => void)[] = [];
  readonly started: string[] = [];

  async ask(tracker: string, signal = new AbortController().signal): Promise<void> {
    await this.#turns.take(tracker, signal, async () => {
      this.started.push(tracker);
      await new Promise<void>((resolve) => this.#ends.push(resolve));
    });
  }

  async endFirst(): Promise<void> {
    this.#ends.shift()?.();
    await this.clock.advance(0);
  }

  get open(): number {
    return this.#ends.length;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('a thousand contents ask one tracker a few at a time, in order, and all get their turn', async () => {
    const requests = new Requests();
    const all = Array.from({ length: 1_000 }, () => requests.ask('a'));
    await settled();
    expect(requests.open).toBe(MAX_REQUESTS_PER_TRACKER);
    for (let ended = 0; ended < 1_000; ended++) {
      expect(requests.open).toBeLessThanOrEqual(MAX_REQUESTS_PER_TRACKER);
      await requests.endFirst();
    }
    await Promise.all(all);
    expect(requests.started).toHaveLength(1_000);
  });

  it('a thousand trackers are not asked at once, either', async () => {
    const requests = new Requests();
    const all = Array.from({ length: 1_000 }, (_, at) => requests.ask(`tracker ${at}`));
    await settled();
    expect(requests.open).toBe(MAX_TRACKER_REQUESTS_AT_ONCE);
    while (requests.open > 0) await requests.endFirst();
    await Promise.all(all);
    expect(new Set(requests.started).size).toBe(1_000);
  });

  it('a tracker that does not answer keeps no other waiting', async () => {
    const requests = new Requests();
    for (let at = 0; at < 100; at++) void requests.ask('dead');
    void requests.ask('alive');
    await settled();
    expect(requests.started).toContain('alive');
  });

  it('a tracker with many contents lets the others have their turn', async () => {
    const requests = new Requests();
    const busy = MAX_TRACKER_REQUESTS_AT_ONCE / MAX_REQUESTS_PER_TRACKER;
    for (let tracker = 0; tracker < busy; tracker++)
      for (let at = 0; at < 100; at++) void requests.ask(`busy ${tracker}`);
    void requests.ask('late');
    await settled();
    for (let ended = 0; ended < busy; ended++) await requests.endFirst();
    expect(requests.started).toContain('late');
  });

  it('who is not wanted any more leaves the queue', async () => {
    const requests = new Requests();
    for (let at = 0; at < MAX_REQUESTS_PER_TRACKER; at++) void requests.ask('a');
    const abort = new AbortController();
    const waiting = requests.ask('a', abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(requests.ask('b', abort.signal)).rejects.toThrow('enough');
    while (requests.open > 0) await requests.endFirst();
    expect(requests.started).toEqual(new Array(MAX_REQUESTS_PER_TRACKER).fill('a'));
  });

  it('a request that fails makes room for the next', async () => {
    const clock = new VirtualClock();
    const turns = new Turns(clock);
    const fail = () => turns.take('a', new AbortController().signal, () => Promise.reject(new Error('no')));
    const asked = Promise.allSettled(Array.from({ length: 50 }, fail));
    await clock.advance(0);
    const all = await asked;
    expect(all.map(({ status }) => status)).toEqual(new Array(50).fill('rejected'));
  });
});

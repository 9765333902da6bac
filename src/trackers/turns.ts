import { MAX_REQUESTS_PER_TRACKER, MAX_TRACKER_REQUESTS_AT_ONCE } from '../limits.ts';
import type { Clock, Timer } from '../platform/clock.ts';

/** Requests to one tracker. */
interface Lane {
  running: number;
  /** In the order they came. */
  readonly waiting: Set<() => void>;
}

/**
 * Lets no more than so many requests be under way at once, in all and to one tracker. The others wait, without sockets or
 * timers: a node that starts with thousands of contents asks for them one after the other.
 */
export class Turns {
  readonly #lanes = new Map<string, Lane>();
  readonly #clock: Clock;
  #running = 0;
  #starting: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with what `request` does once it is its turn. Rejects with the signal's reason where that aborts before. */
  async take<T>(tracker: string, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(tracker) ?? { running: 0, waiting: new Set() };
    this.#lanes.set(tracker, lane);
    try {
      await this.#turn(lane, signal);
    } catch (error) {
      this.#tidy(tracker, lane);
      throw error;
    }
    try {
      return await request();
    } finally {
      lane.running--;
      this.#running--;
      this.#tidy(tracker, lane);
      this.#startSoon();
    }
  }

  #turn(lane: Lane, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stop = (): void => {
        lane.waiting.delete(start);
        reject(signal.reason);
      };
      const start = (): void => {
        signal.removeEventListener('abort', stop);
        lane.running++;
        this.#running++;
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      lane.waiting.add(start);
      this.#startWaiting();
    });
  }

  /** Not at once: where many are given up in the same moment, none of them shall get a turn before its own end. */
  #startSoon(): void {
    if (this.#lanes.size === 0) return;
    this.#starting ??= this.#clock.setTimer(0, () => {
      this.#starting = undefined;
      this.#startWaiting();
    });
  }

  /** Who got a turn goes to the end: no tracker with many contents keeps the others waiting. */
  #startWaiting(): void {
    for (const [tracker, lane] of this.#lanes) {
      if (this.#running >= MAX_TRACKER_REQUESTS_AT_ONCE) return;
      const [next] = lane.waiting;
      if (next === undefined || lane.running >= MAX_REQUESTS_PER_TRACKER) continue;
      lane.waiting.delete(next);
      next();
      this.#lanes.delete(tracker);
      this.#lanes.set(tracker, lane);
    }
  }

  #tidy(tracker: string, lane: Lane): void {
    if (lane.running === 0 && lane.waiting.size === 0) this.#lanes.delete(tracker);
  }
}

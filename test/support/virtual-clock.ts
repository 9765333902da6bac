import { EventQueue } from '../../src/gossip/engine/event-queue.ts';
import type { Clock, Timer } from '../../src/platform/clock.ts';

/** Cancelled, where there is nothing to run. */
interface Task {
  run: (() => void) | undefined;
}

/**
 * Time that stands still until a test moves it. Starts at 0 ms; the wall clock starts at `wallStart`
 * (milliseconds since 1970).
 */
export class VirtualClock implements Clock {
  readonly #wallStart: number;
  readonly #tasks = new EventQueue<Task>();
  #now = 0;
  #pending = 0;

  constructor(wallStart = 1_700_000_000_000) {
    this.#wallStart = wallStart;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallStart + this.#now;
  }

  setTimer(delayMs: number, run: () => void): Timer {
    const task: Task = { run };
    this.#tasks.push(this.#now + Math.max(0, delayMs), task);
    this.#pending++;
    return {
      cancel: () => {
        if (task.run !== undefined) this.#pending--;
        task.run = undefined;
      },
    };
  }

  /** Timers that are set and not cancelled. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Moves time on by `ms`, running what falls due on the way, in order, also what is set meanwhile. Promises
   * settle before the first timer, after each timer, and before it resolves.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await drainMicrotasks();
    while (this.#runNext(end)) await drainMicrotasks();
    this.#now = end;
  }

  /**
   * Moves time on, in steps of what is due next, until `done()` holds; false where it did not within
   * `limitMs`.
   */
  async advanceUntil(done: () => boolean, limitMs: number): Promise<boolean> {
    const end = this.#now + limitMs;
    await drainMicrotasks();
    while (!done()) {
      if (!this.#runNext(end)) {
        this.#now = end;
        return done();
      }
      await drainMicrotasks();
    }
    return true;
  }

  /** Runs what is due next; false where nothing is by then. */
  #runNext(end: number): boolean {
    while (this.#tasks.nextAt <= end) {
      const next = this.#tasks.pop();
      const run = next?.event.run;
      if (next === undefined || run === undefined) continue;
      next.event.run = undefined;
      this.#pending--;
      this.#now = Math.max(this.#now, next.at);
      run();
      return true;
    }
    return false;
  }
}

/** One turn of the event loop: every promise that can settle has done so when it resolves. */
function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import { CHECK_INTERVAL_TOLERANCE_MS } from '../../../limits.ts';

/** Notices what happens more often than once in an interval, in the long run: a little early once is no fault. */
export class Pace {
  readonly #intervalMs: number;
  /** When the next may happen, had all before been on time. */
  #due: number | undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Milliseconds that it comes too early; undefined when it does not. */
  tooEarly(time: number): number | undefined {
    const due = this.#due ?? time;
    const early = due - time;
    if (early > CHECK_INTERVAL_TOLERANCE_MS) {
      this.#due = time + this.#intervalMs;
      return early;
    }
    this.#due = Math.max(due, time) + this.#intervalMs;
    return undefined;
  }
}

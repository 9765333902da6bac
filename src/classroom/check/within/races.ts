import { CHECK_RACE_LINES, CHECK_RACE_MS } from '../../../limits.ts';
import type { Moment } from '../log-facts.ts';

/**
 * Whether two lines are so close that their order says nothing: a program with a thread for its timers and one for each
 * connection decides in one order and writes in another.
 */
export function close(earlier: Moment, later: Moment): boolean {
  if (earlier.time === undefined || later.time === undefined)
    return later.line - earlier.line <= CHECK_RACE_LINES;
  return later.time - earlier.time <= CHECK_RACE_MS;
}

/** Breaches that a line which follows closely may still explain. */
export class Suspicions<Key> {
  readonly #waiting = new Map<Key, { readonly since: Moment; confirm(): void }>();

  raise(key: Key, since: Moment, confirm: () => void): void {
    this.#waiting.get(key)?.confirm();
    this.#waiting.set(key, { since, confirm });
  }

  explained(key: Key): void {
    this.#waiting.delete(key);
  }

  /** Those that no line explains any more are confirmed; all of them, where no line follows. */
  settle(now: Moment | undefined): void {
    for (const [key, { since, confirm }] of this.#waiting) {
      if (now !== undefined && close(since, now)) continue;
      this.#waiting.delete(key);
      confirm();
    }
  }
}

import type { Clock, Timer } from '../../src/platform/clock.ts';

interface Entry {
  readonly due: number;
  /** Timers due at the same moment run in the order they were set. */
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * Time that stands still until a test moves it. Starts at 0 ms; the wall clock starts at `wallStart`
 * (milliseconds since 1970).
 */
export class VirtualClock implements Clock {
  readonly #wallStart: number;
  readonly #heap: Entry[] = [];
  #now = 0;
  #order = 0;

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
    const due = this.#now + Math.max(0, delayMs);
    const entry: Entry = { due, order: this.#order++, run, cancelled: false };
    push(this.#heap, entry);
    return {
      cancel() {
        entry.cancelled = true;
      },
    };
  }

  /** Timers that are set and not cancelled. */
  get pending(): number {
    return this.#heap.filter((entry) => !entry.cancelled).length;
  }

  /**
   * Moves time on by `ms`, running what falls due on the way, in order, also what is set meanwhile. Promises
   * settle before the first timer, after each timer, and before it resolves.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await drainMicrotasks();
    for (let entry = this.#nextDue(end); entry !== undefined; entry = this.#nextDue(end)) {
      this.#now = Math.max(this.#now, entry.due);
      entry.run();
      await drainMicrotasks();
    }
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
      const entry = this.#nextDue(end);
      if (entry === undefined) {
        this.#now = end;
        return done();
      }
      this.#now = Math.max(this.#now, entry.due);
      entry.run();
      await drainMicrotasks();
    }
    return true;
  }

  #nextDue(end: number): Entry | undefined {
    for (let first = this.#heap[0]; first !== undefined && first.due <= end; first = this.#heap[0]) {
      pop(this.#heap);
      if (!first.cancelled) return first;
    }
    return undefined;
  }
}

/** One turn of the event loop: every promise that can settle has done so when it resolves. */
function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/** Binary heap, the earliest first. */
function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || !before(entry, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const leftAt = 2 * at + 1;
    const left = heap[leftAt];
    const right = heap[leftAt + 1];
    if (left === undefined) break;
    const childAt = right !== undefined && before(right, left) ? leftAt + 1 : leftAt;
    const child = childAt === leftAt ? left : (right as Entry);
    if (!before(child, last)) break;
    heap[at] = child;
    at = childAt;
  }
  heap[at] = last;
}

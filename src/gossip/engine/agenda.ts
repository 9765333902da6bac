/** Something that is to happen later, unless it is cancelled. */
export interface Appointment {
  cancel(): void;
}

interface Entry {
  readonly at: number;
  /** What falls due at the same moment runs in the order it was set. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** A caller that adds up milliseconds may come this much too early; it would be sent away again and again. */
const ROUNDING_MS = 0.001;

/** What is to be done when: a binary heap, the earliest first. Time stands still but in `advance`. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #now = 0;
  #order = 0;

  /** Milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** When the next thing is due; Infinity where nothing is. */
  get nextAt(): number {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.run !== undefined) return first.at;
      pop(this.#heap);
    }
    return Number.POSITIVE_INFINITY;
  }

  in(delayMs: number, run: () => void): Appointment {
    const entry: Entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run };
    push(this.#heap, entry);
    return {
      cancel() {
        entry.run = undefined;
      },
    };
  }

  /** Moves time on, without doing anything yet. */
  advance(now: number): void {
    this.#now = Math.max(this.#now, now);
  }

  /** Does what is due. What is set meanwhile waits for the next call. */
  runDue(): void {
    const last = this.#order;
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.at > this.#now + ROUNDING_MS || first.order >= last) return;
      pop(this.#heap);
      first.run?.();
    }
  }

  clear(): void {
    this.#heap.length = 0;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

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
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    if (left === undefined) break;
    const child = right !== undefined && before(right, left) ? right : left;
    if (!before(child, last)) break;
    heap[at] = child;
    at = 2 * at + (child === left ? 1 : 2);
  }
  heap[at] = last;
}

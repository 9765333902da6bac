interface Entry<T> {
  readonly at: number;
  /** How many were pushed before. */
  readonly order: number;
  readonly event: T;
}

/** Events in the order of their time, in a binary heap; those of the same time in the order they came. */
export class EventQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #pushed = 0;

  /** How many there have been so far. */
  get pushed(): number {
    return this.#pushed;
  }

  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** The next one stays where it is. */
  get first(): Entry<T> | undefined {
    return this.#heap[0];
  }

  clear(): void {
    this.#heap.length = 0;
  }

  push(at: number, event: T): void {
    const entry = { at, order: this.#pushed++, event };
    let place = this.#heap.length;
    this.#heap.push(entry);
    while (place > 0) {
      const parentPlace = (place - 1) >> 1;
      const parent = this.#heap[parentPlace];
      if (parent === undefined || !before(entry, parent)) break;
      this.#heap[place] = parent;
      place = parentPlace;
    }
    this.#heap[place] = entry;
  }

  pop(): Entry<T> | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || first === undefined || this.#heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      if (left === undefined) break;
      const child = right !== undefined && before(right, left) ? right : left;
      if (!before(child, last)) break;
      this.#heap[place] = child;
      place = 2 * place + (child === left ? 1 : 2);
    }
    this.#heap[place] = last;
    return first;
  }
}

function before<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

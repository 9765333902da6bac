import { type Random, randomInteger } from '../../platform/random.ts';

/** A set that gives random members in constant time, however many it has. */
export class RandomPool<T> {
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  get size(): number {
    return this.#items.length;
  }

  /** In no order that means anything. */
  get items(): readonly T[] {
    return this.#items;
  }

  add(item: T): void {
    if (this.#places.has(item)) return;
    this.#places.set(item, this.#items.length);
    this.#items.push(item);
  }

  delete(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[place] = last;
    this.#places.set(last, place);
  }

  /** Up to `count` different members for which `useful` holds. */
  sample(random: Random, count: number, useful: (item: T) => boolean = () => true): T[] {
    const places = this.#items.length;
    const sample: T[] = [];
    const seen = new Map<number, number>();
    // Fisher-Yates over the places, of which only those that moved are remembered.
    for (let drawn = 0; drawn < places && sample.length < count; drawn++) {
      const at = drawn + randomInteger(random, places - drawn);
      const item = this.#items[seen.get(at) ?? at];
      seen.set(at, seen.get(drawn) ?? drawn);
      if (item !== undefined && useful(item)) sample.push(item);
    }
    return sample;
  }
}

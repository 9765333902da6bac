import type { PeerList } from './peer-list.ts';

/** Where a peer is: `slot * 2` in the leechers' list, `slot * 2 + 1` in the seeders'. */
export type PeerPlace = number;
export const NOWHERE: PeerPlace = -1;

const PLACE_BITS = 21;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
const MIN_SIZE = 16;

/**
 * Finds the place of a peer by the hash of its key: open addressing, linear probing. An entry is its place + 1 and,
 * above that, 11 bits of the hash, so that another peer's record is hardly ever read; 0 is none. Hashes are kept in
 * the lists.
 */
export class PeerIndex {
  readonly #leechers: PeerList;
  readonly #seeders: PeerList;
  #entries: Uint32Array;

  constructor(leechers: PeerList, seeders: PeerList) {
    this.#leechers = leechers;
    this.#seeders = seeders;
    this.#entries = new Uint32Array(MIN_SIZE);
    this.#rebuild(MIN_SIZE);
  }

  find(hash: number, address: Uint32Array, port: number): PeerPlace {
    const entries = this.#entries;
    const mask = entries.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = entries[at] as number;
      if (entry === 0) return NOWHERE;
      if (entry >>> PLACE_BITS !== hash >>> PLACE_BITS) continue;
      const place = (entry & PLACE_MASK) - 1;
      const list = (place & 1) === 1 ? this.#seeders : this.#leechers;
      if (list.isAt(place >> 1, address, port)) return place;
    }
  }

  /** The peer is in its list already. */
  add(hash: number, place: PeerPlace): void {
    const count = this.#leechers.count + this.#seeders.count;
    if (count * 3 > this.#entries.length * 2) this.#rebuild(this.#entries.length * 2);
    else this.#enter(hash, place);
  }

  move(hash: number, from: PeerPlace, to: PeerPlace): void {
    this.#entries[this.#at(hash, from)] = entryOf(hash, to);
  }

  /** The peer is still in its list, and so are all others. */
  remove(hash: number, place: PeerPlace): void {
    const entries = this.#entries;
    const mask = entries.length - 1;
    let gap = this.#at(hash, place);
    entries[gap] = 0;
    // Who stands behind it, and could not stand nearer to its own beginning because of it, moves up.
    for (let at = (gap + 1) & mask; entries[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashAt((entries[at] as number) & PLACE_MASK) & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      entries[gap] = entries[at] as number;
      entries[at] = 0;
      gap = at;
    }
  }

  /** After peers have gone: the lists are as they will be. */
  shrink(): void {
    const count = this.#leechers.count + this.#seeders.count;
    if (this.#entries.length > MIN_SIZE && count * 8 < this.#entries.length)
      this.#rebuild(this.#entries.length / 2);
  }

  #at(hash: number, place: PeerPlace): number {
    const entry = entryOf(hash, place);
    const mask = this.#entries.length - 1;
    let at = hash & mask;
    while (this.#entries[at] !== entry) at = (at + 1) & mask;
    return at;
  }

  #hashAt(placePlusOne: number): number {
    const place = placePlusOne - 1;
    return ((place & 1) === 1 ? this.#seeders : this.#leechers).hash(place >> 1);
  }

  #rebuild(size: number): void {
    let fitting = size;
    while ((this.#leechers.count + this.#seeders.count) * 3 > fitting * 2) fitting *= 2;
    this.#entries = new Uint32Array(fitting);
    for (let slot = 0; slot < this.#leechers.count; slot++) this.#enter(this.#leechers.hash(slot), slot * 2);
    for (let slot = 0; slot < this.#seeders.count; slot++)
      this.#enter(this.#seeders.hash(slot), slot * 2 + 1);
  }

  #enter(hash: number, place: PeerPlace): void {
    const mask = this.#entries.length - 1;
    let at = hash & mask;
    while (this.#entries[at] !== 0) at = (at + 1) & mask;
    this.#entries[at] = entryOf(hash, place);
  }
}

/** As an entry reads back: unsigned. */
function entryOf(hash: number, place: PeerPlace): number {
  return (((hash >>> PLACE_BITS) << PLACE_BITS) | (place + 1)) >>> 0;
}

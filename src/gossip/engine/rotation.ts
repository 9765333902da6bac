import { type Random, randomInteger, shuffle } from '../../platform/random.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';

const SPARE_PLACES = 64;

/**
 * Whom to ping next: everybody once, in a random order, then in another one, so that nobody waits for longer
 * than two turns (SWIM section 4.3). Newcomers are put in at a random place.
 */
export class Rotation {
  readonly #random: Random;
  readonly #peers: Pick<Peers, 'isKnown' | 'pool'>;
  #order: Peer[] = [];
  #at = 0;

  constructor(random: Random, peers: Pick<Peers, 'isKnown' | 'pool'>) {
    this.#random = random;
    this.#peers = peers;
  }

  /** Places, those of peers that are gone included. */
  get length(): number {
    return this.#order.length;
  }

  add(peer: Peer): void {
    if (this.#order.length > 2 * this.#peers.pool.size + SPARE_PLACES) this.#forgetGone();
    const place = this.#at + randomInteger(this.#random, this.#order.length - this.#at + 1);
    const displaced = this.#order[place];
    this.#order[place] = peer;
    if (displaced !== undefined) this.#order.push(displaced);
  }

  next(): Peer | undefined {
    const found = this.#nextOfThisTurn();
    if (found !== undefined) return found;
    this.#order = shuffle(this.#random, [...this.#peers.pool.items]);
    this.#at = 0;
    return this.#nextOfThisTurn();
  }

  /** A turn takes long where there are many; meanwhile others may come and go all the time. */
  #forgetGone(): void {
    this.#order = this.#order.slice(this.#at).filter((peer) => this.#peers.isKnown(peer));
    this.#at = 0;
  }

  #nextOfThisTurn(): Peer | undefined {
    while (this.#at < this.#order.length) {
      const peer = this.#order[this.#at++];
      if (peer !== undefined && this.#peers.isKnown(peer) && peer.doubt === undefined) return peer;
    }
    return undefined;
  }
}

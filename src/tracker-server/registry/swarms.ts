import type { HalfSipHash } from '../half-sip-hash.ts';
import { Swarm } from './swarm.ts';

const INFO_HASH_WORDS = 5;

/**
 * Contents by info-hash. The hash is keyed: info-hashes are chosen by whoever announces. All are in a list, too, which
 * a sweep goes through in parts.
 */
export class Swarms {
  readonly #hash: HalfSipHash;
  /** The first of each hash; `Swarm.next` leads to the others. */
  readonly #byHash = new Map<number, Swarm>();
  readonly #all: Swarm[] = [];

  constructor(hash: HalfSipHash) {
    this.#hash = hash;
  }

  get count(): number {
    return this.#all.length;
  }

  /** `at` from 0 to `count`; a swarm that is removed gives its place to the last one. */
  at(at: number): Swarm | undefined {
    return this.#all[at];
  }

  [Symbol.iterator](): Iterator<Swarm> {
    return this.#all[Symbol.iterator]();
  }

  find(infoHash: Uint32Array): Swarm | undefined {
    let swarm = this.#byHash.get(this.#hash.hash(infoHash, INFO_HASH_WORDS));
    while (swarm !== undefined && !swarm.is(infoHash)) swarm = swarm.next;
    return swarm;
  }

  /** It is not there yet. */
  add(infoHash: Uint32Array): Swarm {
    const hash = this.#hash.hash(infoHash, INFO_HASH_WORDS);
    const swarm = new Swarm(infoHash, this.#hash);
    swarm.at = this.#all.length;
    swarm.next = this.#byHash.get(hash);
    this.#byHash.set(hash, swarm);
    this.#all.push(swarm);
    return swarm;
  }

  /** It is there. */
  remove(swarm: Swarm): void {
    this.#unlink(swarm);
    const last = this.#all.pop();
    if (last === undefined || last === swarm) return;
    last.at = swarm.at;
    this.#all[swarm.at] = last;
  }

  #unlink(swarm: Swarm): void {
    const hash = this.#hash.hash(swarm.infoHash, INFO_HASH_WORDS);
    let before = this.#byHash.get(hash);
    if (before === swarm) {
      if (swarm.next === undefined) this.#byHash.delete(hash);
      else this.#byHash.set(hash, swarm.next);
      return;
    }
    while (before !== undefined && before.next !== swarm) before = before.next;
    if (before !== undefined) before.next = swarm.next;
  }
}

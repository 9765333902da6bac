import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import type { HalfSipHash } from '../half-sip-hash.ts';
import { PeerTable } from './peer-table.ts';

/** One content and its peers. */
export class Swarm {
  readonly ipv4: PeerTable;
  /** Its place among all swarms, and the next one with the same hash; for `Swarms`. */
  at = 0;
  next: Swarm | undefined;
  /** How often it was completed, as far as is known. */
  completed = 0;
  /** Whether the store is to be told how often. */
  isCompletedUnsaved = false;
  /** Since when it has no peer; meaningless while it has. */
  emptySinceSeconds = 0;
  /** The info-hash as signed words: compared with each announcement, and an array would be one more cache miss. */
  readonly #word0: number;
  readonly #word1: number;
  readonly #word2: number;
  readonly #word3: number;
  readonly #word4: number;
  readonly #hash: HalfSipHash;
  #ipv6: PeerTable | undefined;

  /** `infoHash`: five words in network order. */
  constructor(infoHash: Uint32Array, hash: HalfSipHash) {
    const [word0 = 0, word1 = 0, word2 = 0, word3 = 0, word4 = 0] = new Int32Array(infoHash);
    this.#word0 = word0;
    this.#word1 = word1;
    this.#word2 = word2;
    this.#word3 = word3;
    this.#word4 = word4;
    this.#hash = hash;
    this.ipv4 = new PeerTable(1, hash);
  }

  /** A copy. */
  get infoHash(): Uint32Array {
    return Uint32Array.of(this.#word0, this.#word1, this.#word2, this.#word3, this.#word4);
  }

  is(infoHash: Uint32Array): boolean {
    return (
      ((infoHash[0] as number) ^ this.#word0) === 0 &&
      ((infoHash[1] as number) ^ this.#word1) === 0 &&
      ((infoHash[2] as number) ^ this.#word2) === 0 &&
      ((infoHash[3] as number) ^ this.#word3) === 0 &&
      ((infoHash[4] as number) ^ this.#word4) === 0
    );
  }

  get ipv6(): PeerTable {
    this.#ipv6 ??= new PeerTable(4, this.#hash);
    return this.#ipv6;
  }

  table(family: AddressFamily): PeerTable {
    return family === 'IPv4' ? this.ipv4 : this.ipv6;
  }

  /** Those that there are. */
  tables(): readonly PeerTable[] {
    return this.#ipv6 === undefined ? [this.ipv4] : [this.ipv4, this.#ipv6];
  }

  /** Of both families: who announces over both is counted twice, as with every tracker. */
  get seeders(): number {
    return this.ipv4.seeders.count + (this.#ipv6?.seeders.count ?? 0);
  }

  get leechers(): number {
    return this.ipv4.leechers.count + (this.#ipv6?.leechers.count ?? 0);
  }
}

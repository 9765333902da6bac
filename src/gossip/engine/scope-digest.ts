import { DIGEST_BYTES, MAX_BUCKET_BITS } from '../codec/gossip-layout.ts';
import type { Entry } from '../gossip-message.ts';

const BUCKETS = 2 ** MAX_BUCKET_BITS;
/** About so many entries shall fall into a bucket that is compared. */
const ENTRIES_PER_BUCKET = 4;

/**
 * What is known in one scope, and its digests: the exclusive or of a 64-bit mix of each (short id, version), kept
 * for 256 parts of the id space. A change costs two mixes, whatever the number of peers.
 */
export class ScopeDigest {
  readonly #high = new Uint32Array(BUCKETS);
  readonly #low = new Uint32Array(BUCKETS);
  readonly #entries: (Map<string, number> | undefined)[] = [];
  #size = 0;
  #root: Uint8Array | undefined;

  get size(): number {
    return this.#size;
  }

  version(shortId: string): number | undefined {
    return this.#entries[bucketOf(shortId, MAX_BUCKET_BITS)]?.get(shortId);
  }

  set(shortId: string, version: number): void {
    const at = bucketOf(shortId, MAX_BUCKET_BITS);
    const entries = this.#entries[at] ?? new Map<string, number>();
    this.#entries[at] = entries;
    const before = entries.get(shortId);
    if (before === version) return;
    if (before === undefined) this.#size++;
    else this.#toggle(at, shortId, before);
    entries.set(shortId, version);
    this.#toggle(at, shortId, version);
  }

  delete(shortId: string): void {
    const at = bucketOf(shortId, MAX_BUCKET_BITS);
    const before = this.#entries[at]?.get(shortId);
    if (before === undefined) return;
    this.#entries[at]?.delete(shortId);
    this.#size--;
    this.#toggle(at, shortId, before);
  }

  /** The digest of everything: 8 bytes, not to be changed. */
  get root(): Uint8Array {
    this.#root ??= this.#computeRoot();
    return this.#root;
  }

  /** How many parts to compare: 2^bits. */
  get bits(): number {
    const wanted = Math.ceil(Math.log2(Math.max(1, this.#size / ENTRIES_PER_BUCKET)));
    return Math.min(MAX_BUCKET_BITS, wanted);
  }

  /** The lower half of the digest of each of 2^bits parts. */
  buckets(bits: number): Uint32Array {
    const digests = new Uint32Array(2 ** bits);
    const shift = MAX_BUCKET_BITS - bits;
    for (let at = 0; at < BUCKETS; at++)
      digests[at >> shift] = (digests[at >> shift] ?? 0) ^ (this.#low[at] ?? 0);
    return digests;
  }

  /** What is known in one of 2^bits parts. */
  entries(bits: number, bucket: number): Entry[] {
    const shift = MAX_BUCKET_BITS - bits;
    const found: Entry[] = [];
    for (let at = bucket << shift; at < (bucket + 1) << shift; at++)
      for (const [shortId, version] of this.#entries[at] ?? []) found.push({ shortId, version });
    return found;
  }

  #toggle(at: number, shortId: string, version: number): void {
    const mixed = mix(BigInt(`0x${shortId}`), BigInt(version));
    this.#high[at] = (this.#high[at] ?? 0) ^ Number(mixed >> 32n);
    this.#low[at] = (this.#low[at] ?? 0) ^ Number(mixed & 0xffff_ffffn);
    this.#root = undefined;
  }

  #computeRoot(): Uint8Array {
    const root = Buffer.alloc(DIGEST_BYTES);
    root.writeUInt32BE(exclusiveOr(this.#high), 0);
    root.writeUInt32BE(exclusiveOr(this.#low), 4);
    return new Uint8Array(root);
  }
}

/** The part of the id space, of 2^bits, that an id falls into: its first bits. */
function bucketOf(shortId: string, bits: number): number {
  return Number.parseInt(shortId.slice(0, 2), 16) >> (MAX_BUCKET_BITS - bits);
}

function exclusiveOr(words: Uint32Array): number {
  let result = 0;
  for (const word of words) result ^= word;
  return result >>> 0;
}

const GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15n;

/** SplitMix64 (Steele, Lea, Flood 2014): the `version`-th number of the sequence that begins at the id. */
function mix(id: bigint, version: bigint): bigint {
  let mixed = BigInt.asUintN(64, id + version * GOLDEN_GAMMA);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
  mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn);
  return mixed ^ (mixed >> 31n);
}

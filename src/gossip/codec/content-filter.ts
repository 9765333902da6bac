import { createHash } from 'node:crypto';
import type { Holding } from '../../holdings/holding.ts';
import type { Query } from '../../holdings/query.ts';
import { MAX_GOSSIP_FILTER_BYTES } from '../../limits.ts';
import { stemOf } from '../../metainfo/torrent-name.ts';

/**
 * A Bloom filter (Bloom 1970) over what a node holds: a byte that says how many bits belong to a key, and the
 * bits, 10 a key as long as there is room (1 % false positives). Bit 0 is the high bit of the first byte. Each
 * content has two keys: its info-hash, and its name in NFC without the last extension, which is what
 * `NAME.torrent` and the name itself have in common; a hybrid has a third, its v2 info-hash cut to 20 bytes. Nothing held
 * makes no byte at all.
 */
export function makeFilter(contents: Iterable<Pick<Holding, 'infoHash' | 'v2Name' | 'name'>>): Uint8Array {
  const keys = new Set<string>();
  for (const { infoHash, v2Name, name } of contents) {
    keys.add(hashKey(infoHash));
    if (v2Name !== undefined) keys.add(hashKey(v2Name));
    keys.add(nameKey(stemOf(name.normalize('NFC'))));
  }
  if (keys.size === 0) return new Uint8Array();
  const bytes = Math.min(MAX_GOSSIP_FILTER_BYTES, HEADER_BYTES + Math.ceil((keys.size * BITS_PER_KEY) / 8));
  const filter = new Uint8Array(bytes);
  filter[0] = bestProbes(filter, keys.size);
  for (const key of keys)
    for (const bit of bitsOf(wordsOf(key), filter))
      filter[HEADER_BYTES + (bit >> 3)] = (filter[HEADER_BYTES + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  return filter;
}

/** Never false where the node holds an answer to the query, under any of the names it goes by. */
export function mayMatch(filter: Uint8Array, query: Query): boolean {
  if (!isFilter(filter)) return false;
  if (query.kind === 'everything') return true;
  return wordsOfQuery(query).some((words) => bitsOf(words, filter).every((bit) => hasBit(filter, bit)));
}

const HEADER_BYTES = 1;
const BITS_PER_KEY = 10;
/** As many words as a SHA-256 has. */
const MAX_PROBES = 8;
const SUFFIX = '.torrent';

/** Nothing held, and nonsense, match nothing. */
function isFilter(filter: Uint8Array): boolean {
  const [probes = 0] = filter;
  return filter.length > HEADER_BYTES && probes >= 1 && probes <= MAX_PROBES;
}

/** ln 2 bits of each that a key has room for: 7 of 10, fewer where the filter is crowded. */
function bestProbes(filter: Uint8Array, keys: number): number {
  const best = Math.round((Math.LN2 * bitCount(filter)) / keys);
  return Math.max(1, Math.min(MAX_PROBES, best));
}

/**
 * All names that `matchesName` would take for an answer have one of these keys. `v1.2.torrent` asks for `v1.2`
 * itself (key `v1`), and for what is called so with another extension (key `v1.2`).
 */
function keysOfQuery(query: Exclude<Query, { kind: 'everything' }>): string[] {
  if (query.kind === 'infoHash') return [hashKey(query.infoHash)];
  const asked = query.name.normalize('NFC');
  const stems = new Set([stemOf(asked)]);
  if (asked.endsWith(SUFFIX)) stems.add(stemOf(asked.slice(0, -SUFFIX.length)));
  return [...stems].map(nameKey);
}

function hashKey(infoHash: string): string {
  return `h${infoHash}`;
}

function nameKey(stem: string): string {
  return `n${stem}`;
}

/** A query is held against the filters of thousands of members: its keys are hashed once. */
const wordsByQuery = new WeakMap<Query, readonly Uint32Array[]>();

function wordsOfQuery(query: Exclude<Query, { kind: 'everything' }>): readonly Uint32Array[] {
  const known = wordsByQuery.get(query);
  if (known !== undefined) return known;
  const words = keysOfQuery(query).map(wordsOf);
  wordsByQuery.set(query, words);
  return words;
}

/** The eight 32-bit words of the key's SHA-256: as many hash functions. */
function wordsOf(key: string): Uint32Array {
  const digest = createHash('sha256').update(key).digest();
  return Uint32Array.from({ length: MAX_PROBES }, (_, at) => digest.readUInt32BE(4 * at));
}

function bitsOf(words: Uint32Array, filter: Uint8Array): number[] {
  const bits = bitCount(filter);
  return Array.from(words.subarray(0, filter[0]), (word) => word % bits);
}

function bitCount(filter: Uint8Array): number {
  return 8 * (filter.length - HEADER_BYTES);
}

function hasBit(filter: Uint8Array, bit: number): boolean {
  return ((filter[HEADER_BYTES + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0;
}

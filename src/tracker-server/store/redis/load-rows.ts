import { MAX_REDIS_KEYS, REDIS_READS_AT_ONCE, REDIS_SCAN_COUNT } from '../../../limits.ts';
import { throwIfInterrupted } from '../../interrupted.ts';
import { CONTENT_ROW_BYTES, PEER_ROW_AT, PEER_ROW_BYTES } from '../../registry/rows.ts';
import type { StoreBatch } from '../peer-store.ts';
import {
  COMPLETED_PREFIX,
  ENDPOINT_FIELD_BYTES,
  generationOf,
  PEER_VALUE_BYTES,
  PEERS_PREFIX,
  type PeersKey,
  readPeersKey,
} from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';

const NONE = new Uint8Array(0);
const SEEN_AT_IN_VALUE = PEER_VALUE_BYTES - 4;

/**
 * Gives what Redis has, as `PeerStore.load` does. Older generations come first, so that of two rows about one peer the
 * later is the newer. Rejects with INTERRUPTED when the signal aborts.
 */
export async function loadRows(
  link: RedisLink,
  sinceSeconds: number,
  take: (batch: StoreBatch) => void,
  signal: AbortSignal,
): Promise<void> {
  const oldest = generationOf(sinceSeconds);
  const keys = (await scanKeys(link, PEERS_PREFIX, signal)).map(readPeersKey);
  const wanted = keys.filter((key) => key !== undefined).filter(({ generation }) => generation >= oldest);
  for (const generation of [...new Set(wanted.map((key) => key.generation))].sort(
    (one, other) => one - other,
  )) {
    const together = wanted.filter((key) => key.generation === generation);
    for (const some of chunks(together, REDIS_READS_AT_ONCE)) {
      throwIfInterrupted(signal);
      await Promise.all(some.map((key) => loadPeers(link, key, sinceSeconds, take)));
    }
  }
  for (const some of chunks(await scanKeys(link, COMPLETED_PREFIX, signal), REDIS_SCAN_COUNT))
    take({ peers: NONE, contents: await loadCompleted(link, some) });
}

async function loadPeers(
  link: RedisLink,
  { key, infoHash }: PeersKey,
  sinceSeconds: number,
  take: (batch: StoreBatch) => void,
): Promise<void> {
  let cursor = '0';
  do {
    const [next, pairs] = readScan(await link.ask(['HSCAN', key, cursor, 'COUNT', String(REDIS_SCAN_COUNT)]));
    const peers = peerRows(infoHash, pairs, sinceSeconds);
    if (peers.length > 0) take({ peers, contents: NONE });
    cursor = next;
  } while (cursor !== '0');
}

function peerRows(infoHash: Uint8Array, pairs: readonly Buffer[], sinceSeconds: number): Uint8Array {
  const rows = new Uint8Array((pairs.length / 2) * PEER_ROW_BYTES);
  let end = 0;
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [endpoint, value] = [pairs[at], pairs[at + 1]];
    if (endpoint?.length !== ENDPOINT_FIELD_BYTES || value?.length !== PEER_VALUE_BYTES) continue;
    if (value.readUInt32BE(SEEN_AT_IN_VALUE) < sinceSeconds) continue;
    rows.set(infoHash, end);
    rows.set(value.subarray(0, 20), end + PEER_ROW_AT.peerId);
    rows.set(endpoint, end + PEER_ROW_AT.address);
    rows.set(value.subarray(20), end + PEER_ROW_AT.state);
    end += PEER_ROW_BYTES;
  }
  return rows.subarray(0, end);
}

async function loadCompleted(link: RedisLink, keys: readonly string[]): Promise<Uint8Array> {
  const counts = asList(await link.ask(['MGET', ...keys]));
  const rows = Buffer.alloc(keys.length * CONTENT_ROW_BYTES);
  let end = 0;
  for (const [at, key] of keys.entries()) {
    const infoHash = Buffer.from(key.slice(COMPLETED_PREFIX.length), 'hex');
    const completed = Number(String(counts[at]));
    if (infoHash.length !== 20 || !(completed >= 0 && completed < 2 ** 32)) continue;
    infoHash.copy(rows, end);
    rows.writeUInt32BE(Math.floor(completed), end + 20);
    end += CONTENT_ROW_BYTES;
  }
  return rows.subarray(0, end);
}

/** Each once; at most MAX_REDIS_KEYS of them. */
async function scanKeys(link: RedisLink, prefix: string, signal: AbortSignal): Promise<string[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    throwIfInterrupted(signal);
    const answer = await link.ask(['SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', String(REDIS_SCAN_COUNT)]);
    const [next, found] = readScan(answer);
    for (const key of found) keys.add(key.toString('latin1'));
    cursor = next;
  } while (cursor !== '0' && keys.size < MAX_REDIS_KEYS);
  return [...keys];
}

function readScan(answer: unknown): readonly [cursor: string, items: readonly Buffer[]] {
  const [cursor, items] = asList(answer);
  return [String(cursor ?? '0'), asList(items).filter((item) => Buffer.isBuffer(item))];
}

function asList(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : [];
}

function* chunks<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

import { REDIS_GENERATION_SECONDS } from '../../../limits.ts';

/*
 * What stands in Redis. `...:peers:GENERATION:INFO-HASH` is a hash: endpoint (18 bytes, as in a row) to peer id, state,
 * zero and seen-at (26 bytes). A generation is an hour of seen-at and expires as a whole: fields of a hash cannot expire
 * one by one before Redis 7.4. A peer that announces for long is in two or three of them; the newest counts.
 * `...:completed:INFO-HASH` is a number. Info-hashes are hexadecimal, numbers decimal.
 */
export const PEERS_PREFIX = 'lanshare:tracker:peers:';
export const COMPLETED_PREFIX = 'lanshare:tracker:completed:';

export const ENDPOINT_FIELD_BYTES = 18;
export const PEER_VALUE_BYTES = 26;

/** Channels, unlike keys, are the same in all databases of a server. */
export function channelName(database: number): string {
  return `lanshare:tracker:rows:${database}`;
}

export interface PeersKey {
  readonly key: string;
  readonly generation: number;
  readonly infoHash: Uint8Array;
}

/** Undefined where somebody else made it. */
export function readPeersKey(key: string): PeersKey | undefined {
  const [, generation, infoHash] = /^(\d{1,10}):([0-9a-f]{40})$/.exec(key.slice(PEERS_PREFIX.length)) ?? [];
  if (generation === undefined || infoHash === undefined) return undefined;
  return { key, generation: Number(generation), infoHash: Buffer.from(infoHash, 'hex') };
}

export function generationOf(unixSeconds: number): number {
  return Math.floor(unixSeconds / REDIS_GENERATION_SECONDS);
}

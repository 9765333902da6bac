import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../identity.ts';

/** What a gossip datagram looks like: magic, version, kind, sender's peer id, cookie, and a body by kind. */
export const GOSSIP_MAGIC = Buffer.from('LANS');
export const GOSSIP_VERSION = 1;
/** The beacon, which shares the socket, has the kinds below 16. */
export const GOSSIP_KIND = { probe: 16, proof: 17, items: 18, unknown: 19 } as const;
/** Magic, version, kind. */
export const GOSSIP_PREFIX_BYTES = 6;

export const PEER_ID_BYTES = 20;
export const INFO_HASH_BYTES = 20;
export const COOKIE_BYTES = 8;
export const NONCE_BYTES = 8;
export const DIGEST_BYTES = 8;
/** 48 bits count milliseconds since 1970, and versions, for longer than anything lasts. */
export const VERSION_BYTES = 6;
export const WALL_TIME_BYTES = 6;

export const GOSSIP_HEADER_BYTES = GOSSIP_PREFIX_BYTES + PEER_ID_BYTES + COOKIE_BYTES;
export const PROOF_BYTES =
  GOSSIP_HEADER_BYTES + NONCE_BYTES + COOKIE_BYTES + PUBLIC_KEY_BYTES + SIGNATURE_BYTES;
/** At least a proof's, so that answering a probe never amplifies. */
export const PROBE_BYTES = 160;

/** In front of each item: type 1, length 2. */
export const ITEM_HEADER_BYTES = 3;
export const ITEM_TYPE = {
  ping: 1,
  ack: 2,
  root: 3,
  buckets: 4,
  entries: 5,
  want: 6,
  statement: 7,
  ask: 8,
  vouch: 9,
  unreachable: 10,
  examine: 11,
  examined: 12,
} as const;

export const SCOPE_CODE = { members: 0, content: 1 } as const;
/** The id space in 2^8 parts at most: their digests take 1,024 bytes. */
export const MAX_BUCKET_BITS = 8;
export const BUCKET_DIGEST_BYTES = 4;
export const EXAMINED_CODE = { reached: 0, refused: 1, 'no answer': 2 } as const;

/** A type by its code on the wire. */
export function byCode<Name extends string>(
  codes: Readonly<Record<Name, number>>,
): ReadonlyMap<number, Name> {
  return new Map((Object.entries(codes) as [Name, number][]).map(([name, code]) => [code, name]));
}

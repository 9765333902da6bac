import type { Holding, PeerId } from '../../holdings/holding.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Query } from '../discovery.ts';

/**
 * A beacon datagram: the magic `LANS`, one byte version, one byte kind, one bencoded dictionary. Unknown keys
 * are skipped, so that later versions can add to it.
 */
export type BeaconMessage = BeaconQuery | BeaconHoldings | BeaconBye;

/** "Who has ...?" */
export interface BeaconQuery {
  readonly kind: 'query';
  readonly peerId: PeerId;
  /** The asker's TCP port. */
  readonly port: number;
  /** Tells this asking from the next; the same on every way it is sent by. */
  readonly transaction: number;
  readonly asked: Query;
  /** Ends of the ids of peers whose answer the asker has (RFC 6762 section 7.1 has the idea). */
  readonly known: readonly string[];
  /** What the asker holds of it itself. */
  readonly holdings: readonly Holding[];
  readonly lifetimeMs: number;
  /** As it came with the first part of an answer. */
  readonly cookie: Uint8Array | undefined;
}

/** Index records, as an answer or by themselves. */
export interface BeaconHoldings {
  readonly kind: 'holdings';
  readonly peerId: PeerId;
  readonly port: number;
  readonly holdings: readonly Holding[];
  readonly withdrawn: readonly Withdrawal[];
  /** For how long the records hold without being heard again; grows with the number of peers. */
  readonly lifetimeMs: number;
  readonly answer: AnswerMark | undefined;
}

/** Which query is answered, and how many records the whole answer has, over all its datagrams. */
export interface AnswerMark {
  readonly transaction: number;
  readonly total: number;
  /** The answer is too long for an address that is not proven: who asks again with this gets all of it. */
  readonly cookie: Uint8Array | undefined;
}

export interface Withdrawal {
  readonly infoHash: InfoHash;
  readonly version: number;
}

/** "I leave." */
export interface BeaconBye {
  readonly kind: 'bye';
  readonly peerId: PeerId;
}

export const BEACON_MAGIC = Buffer.from('LANS');
export const BEACON_VERSION = 1;
export const BEACON_KIND = { query: 1, holdings: 2, bye: 3 } as const;
/** Magic, version, kind. */
export const BEACON_HEADER_BYTES = 6;
const PEER_MARK_BYTES = 8;
export const PEER_MARK_DIGITS = 2 * PEER_MARK_BYTES;

/**
 * The part of a peer id that stands in a query's list of known answers; hexadecimal. Its end: all nodes of one program
 * have the beginning in common (BEP 20).
 */
export function peerMark(peerId: PeerId): string {
  return peerId.slice(-PEER_MARK_DIGITS);
}

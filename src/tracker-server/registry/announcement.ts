import type { AnnounceEvent } from '../../wire/tracker/announce.ts';
import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';

/**
 * One announcement as the registry takes it, whichever protocol brought it, in the words that its tables are made of.
 * The caller's own record, filled anew each time: the registry keeps nothing of it.
 */
export interface Announcement {
  /** 20 bytes: five words in network order. */
  readonly infoHash: Uint32Array;
  readonly peerId: Uint32Array;
  family: AddressFamily;
  /** Where it was heard from, whatever it says itself: the first word for IPv4, all four for IPv6. */
  readonly address: Uint32Array;
  port: number;
  isSeeder: boolean;
  event: AnnounceEvent;
  /** Peers it would like to have; the registry gives no more, and never more than MAX_PEERS_PER_ANSWER. */
  wanted: number;
}

/** To be filled. */
export function emptyAnnouncement(): Announcement {
  return {
    infoHash: new Uint32Array(5),
    peerId: new Uint32Array(5),
    family: 'IPv4',
    address: new Uint32Array(4),
    port: 0,
    isSeeder: false,
    event: 'regular',
    wanted: 0,
  };
}

import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';

/** Why a peer announces itself; `regular` is the announcement without an event (BEP 3). */
export type AnnounceEvent = 'started' | 'completed' | 'stopped' | 'regular';

/** What a peer tells a tracker, over HTTP (BEP 3) and UDP (BEP 15) alike. */
export interface AnnounceRequest {
  readonly infoHash: InfoHash;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** TCP port that the peer listens on. */
  readonly port: number;
  /** Bytes since `started`. */
  readonly uploaded: number;
  readonly downloaded: number;
  /** Bytes that are missing. */
  readonly left: number;
  readonly event: AnnounceEvent;
  /** Peers wanted; undefined leaves it to the tracker. */
  readonly peersWanted: number | undefined;
  /** 32 bits, random a process: by it a tracker knows a peer whose address has changed (BEP 7, 15). */
  readonly key: number;
}

/** What the tracker says to that. Undefined is what it did not say. */
export interface AnnounceAnswer {
  readonly intervalSeconds: number | undefined;
  readonly minIntervalSeconds: number | undefined;
  /** Peers with the whole content, and without. */
  readonly seeders: number | undefined;
  readonly leechers: number | undefined;
  /** As the tracker wrote them, at most MAX_TRACKER_PEERS: ports and addresses may be useless. */
  readonly peers: readonly Endpoint[];
  /** To be shown to people; safe to print. */
  readonly warning: string | undefined;
  /** To be sent back with the next announcement (BEP 3, HTTP only); bytes in latin1. */
  readonly trackerId: string | undefined;
}

/** A tracker's counts of one content (BEP 48). */
export interface ScrapeCounts {
  readonly infoHash: InfoHash;
  readonly seeders: number;
  /** Downloads that were completed, ever. */
  readonly completed: number;
  readonly leechers: number;
}

/** The tracker refuses; its reason is safe to print. */
export interface TrackerFailure {
  readonly type: 'failure';
  readonly reason: string;
  /** When to ask again (BEP 31); undefined where it does not say. */
  readonly retryInMinutes?: number | 'never' | undefined;
}

import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { AnnounceEvent, AnnounceRequest, ScrapeCounts } from './announce.ts';

/** What a client sends to a UDP tracker (BEP 15). Ids are chosen by who sends the first datagram with them. */
export type UdpTrackerRequest =
  | { readonly type: 'connect'; readonly transactionId: number }
  | {
      readonly type: 'announce';
      readonly connectionId: ConnectionId;
      readonly transactionId: number;
      readonly request: AnnounceRequest;
      /** Path and query of the tracker's URL (BEP 41); empty where there is none. */
      readonly urlData: string;
    }
  | {
      readonly type: 'scrape';
      readonly connectionId: ConnectionId;
      readonly transactionId: number;
      /** 1 to MAX_SCRAPED_CONTENTS. */
      readonly infoHashes: readonly InfoHash[];
    };

/** What the tracker answers. */
export type UdpTrackerResponse =
  | { readonly type: 'connected'; readonly transactionId: number; readonly connectionId: ConnectionId }
  | {
      readonly type: 'announced';
      readonly transactionId: number;
      readonly intervalSeconds: number;
      readonly leechers: number;
      readonly seeders: number;
      /** Of the family of the address that the client announced from. */
      readonly peers: readonly Endpoint[];
    }
  | {
      readonly type: 'scraped';
      readonly transactionId: number;
      /** In the order of the request, which the answer does not repeat. */
      readonly contents: readonly Omit<ScrapeCounts, 'infoHash'>[];
    }
  | { readonly type: 'error'; readonly transactionId: number; readonly message: string };

/** 8 bytes: the client's proof that it gets what is sent to its address. */
export type ConnectionId = Uint8Array;

/** Stands where later datagrams have a connection id. */
export const PROTOCOL_ID = Uint8Array.of(0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80);

export const ACTIONS = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;

/** By their numbers. */
export const EVENTS: readonly AnnounceEvent[] = ['regular', 'completed', 'started', 'stopped'];

export const CONNECT_BYTES = 16;
export const ANNOUNCE_BYTES = 98;
/** Before the info-hashes of a scrape. */
export const REQUEST_HEADER_BYTES = 16;
/** Action and transaction id. */
export const RESPONSE_HEADER_BYTES = 8;
/** Before the peers. */
export const ANNOUNCED_BYTES = 20;
export const SCRAPE_COUNTS_BYTES = 12;

/** BEP 41: options behind an announcement. */
export const URL_DATA_OPTIONS = { end: 0, padding: 1, urlData: 2 } as const;
export const URL_DATA_PART_BYTES = 255;

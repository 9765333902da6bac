import type { PeerId } from '../holdings/holding.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { SignedStatement } from './statement.ts';

/**
 * A gossip datagram: the magic `LANS`, one byte version, one byte kind (16 to 19; the beacon has 1 to 3), the
 * sender's peer id, the cookie that the receiver gave the sender, and a body by kind.
 */
export type GossipMessage = GossipHeader & GossipBody;

export interface GossipHeader {
  readonly sender: PeerId;
  /** 8 bytes; zeros where the receiver has given none. */
  readonly cookie: Uint8Array;
}

export type GossipBody =
  /** "Who are you?" Padded with zeros, so that the proof is never larger. */
  | { readonly kind: 'probe'; readonly nonce: Uint8Array }
  /**
   * Says who the sender is, and that the receiver gets what is sent to its address: the nonce is the one of the
   * probe; in the proof that answers a proof, the cookie that came with it.
   */
  | {
      readonly kind: 'proof';
      readonly nonce: Uint8Array;
      /** For the receiver's next datagrams. */
      readonly given: Uint8Array;
      readonly publicKey: Uint8Array;
      readonly signature: Uint8Array;
    }
  /** "I do not know this cookie: probe me." As small as a header, so that it never amplifies. */
  | { readonly kind: 'unknown' }
  /** Between two nodes that have proven themselves to each other. */
  | { readonly kind: 'items'; readonly items: readonly GossipItem[] };

/** What a digest, its entries and wishes are about: the members, or the holders of parts of one content. */
export type Scope = { readonly kind: 'members' } | { readonly kind: 'content'; readonly infoHash: InfoHash };

export type GossipItem =
  | { readonly kind: 'ping'; readonly sequence: number }
  | { readonly kind: 'ack'; readonly sequence: number }
  /** "Is this peer alive? I get no answer." Answered by `vouch`, if it answers there. */
  | { readonly kind: 'ask'; readonly sequence: number; readonly target: PeerId }
  | { readonly kind: 'vouch'; readonly sequence: number; readonly target: PeerId }
  /** "I get no answer from this peer": a reason to look for oneself, no more. */
  | { readonly kind: 'unreachable'; readonly target: PeerId }
  /** The digest of everything the sender knows in this scope; equal digests end the matter. 8 bytes. */
  | { readonly kind: 'root'; readonly scope: Scope; readonly digest: Uint8Array }
  /** The same for each of 2^bits parts of the id space. */
  | { readonly kind: 'buckets'; readonly scope: Scope; readonly bits: number; readonly digests: Uint32Array }
  /** All that the sender knows in one of 2^bits parts. */
  | {
      readonly kind: 'entries';
      readonly scope: Scope;
      readonly bits: number;
      readonly bucket: number;
      readonly entries: readonly Entry[];
    }
  /** "Send me what is newer than this." */
  | { readonly kind: 'want'; readonly scope: Scope; readonly entries: readonly Entry[] }
  | {
      readonly kind: 'statement';
      readonly statement: SignedStatement;
      /** Where the sender itself has proven that peer to be; to be proven again before it is used. */
      readonly provenAt: Endpoint | undefined;
    }
  /** "Dial me on this TCP port and say how it went." Only ever dialled at the address it came from. */
  | { readonly kind: 'examine'; readonly sequence: number; readonly port: number }
  | {
      readonly kind: 'examined';
      readonly sequence: number;
      readonly outcome: DialOutcome;
      /** Milliseconds since 1970, by the sender's clock. */
      readonly wallTime: number;
    };

/** How the dialling of somebody's TCP port went. */
export type DialOutcome = 'reached' | 'refused' | 'no answer';

/** One peer in a scope: a short form of its id, and the newest version known. */
export interface Entry {
  /** 16 hexadecimal digits: bytes 8 to 15 of the peer id, the first random ones. */
  readonly shortId: string;
  readonly version: number;
}

export const SHORT_ID_OFFSET_BYTES = 8;
export const SHORT_ID_BYTES = 8;

export function shortIdOf(peerId: PeerId): string {
  return peerId.slice(2 * SHORT_ID_OFFSET_BYTES, 2 * (SHORT_ID_OFFSET_BYTES + SHORT_ID_BYTES));
}

import type { PeerId, PieceRange } from '../holdings/holding.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';

/**
 * What a peer says about itself, signed (Ed25519, RFC 8032), so that anybody can pass it on and nobody can forge
 * it. Per peer and subject the newest version wins.
 */
export type Statement = Summary | Leave | Index | IndexEnd;

interface Said {
  readonly peerId: PeerId;
  /** One count for all that a peer says; grows with every change (48 bits). */
  readonly version: number;
}

/** A member: that it is there, and a digest of what it holds. Who wants to know more asks it. */
export interface Summary extends Said {
  readonly kind: 'summary';
  /** Its TCP and UDP port. */
  readonly port: number;
  readonly contentCount: number;
  /** A Bloom filter over the names and info-hashes of what it holds. */
  readonly filter: Uint8Array;
  /** Contents whose piece indexes it wants to hear: those it fetches or holds in part. */
  readonly interests: readonly InfoHash[];
}

export interface Leave extends Said {
  readonly kind: 'leave';
}

/** Which pieces of one segment of a content a peer has. */
export interface Index extends Said {
  readonly kind: 'index';
  readonly infoHash: InfoHash;
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  readonly pieceCount: number;
  readonly part: IndexPart;
}

export type IndexPart =
  /** The peer holds the whole content. */
  | { readonly kind: 'whole' }
  /** The pieces from `segment` x SEGMENT_PIECES on, up to the next segment; ascending, apart, within it. */
  | { readonly kind: 'segment'; readonly segment: number; readonly ranges: readonly PieceRange[] };

/** The peer holds nothing of this content any more. */
export interface IndexEnd extends Said {
  readonly kind: 'index end';
  readonly infoHash: InfoHash;
}

/** A statement with the bytes that were signed, so that it can be passed on as it came. */
export interface SignedStatement {
  readonly statement: Statement;
  /** All of it, signature included. */
  readonly bytes: Uint8Array;
}

/** Pieces of one segment: its bitmap takes 512 bytes at most, so a statement always fits a datagram. */
export const SEGMENT_PIECES = 4_096;

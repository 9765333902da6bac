import type { InfoHash } from '../metainfo/metainfo.ts';

/** 40 lower-case hexadecimal digits: the 20-byte peer id (BEP 20 style), random a process. */
export type PeerId = string & { readonly __brand: 'PeerId' };

/** What one peer says that it holds of one content (an index record). A claim until pieces verify. */
export interface Holding {
  readonly peerId: PeerId;
  /** The peer's TCP and UDP port. */
  readonly port: number;
  readonly infoHash: InfoHash;
  /** Of a content of our own: its name in the swarm of v2 (BEP 52). What others say of theirs has none. */
  readonly v2Name?: InfoHash | undefined;
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  readonly pieceCount: number;
  readonly pieces: PieceSummary;
  /** Grows with every change at the peer; the newest wins. */
  readonly version: number;
}

/** The chunk indexes: none, all, or ranges of pieces, ascending and apart; `more` where they did not all fit. */
export type PieceSummary =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'some';
      readonly count: number;
      readonly ranges: readonly PieceRange[];
      readonly more: boolean;
    };

/** `start` inclusive, `end` exclusive. */
export interface PieceRange {
  readonly start: number;
  readonly end: number;
}

export function isPeerId(text: string): text is PeerId {
  return /^[0-9a-f]{40}$/.test(text);
}

export function peerIdFromBytes(bytes: Uint8Array): PeerId {
  if (bytes.length !== 20) throw new RangeError('a peer id has 20 bytes');
  return Buffer.from(bytes).toString('hex') as PeerId;
}

export function peerIdToBytes(peerId: PeerId): Uint8Array {
  return Buffer.from(peerId, 'hex');
}

/** Whether a peer calls itself a lanshare node: its id begins with `-LS` (BEP 20). */
export function isLanshare(peerId: PeerId): boolean {
  return peerId.startsWith('2d4c53');
}

export function heldCount(holding: Holding): number {
  return holding.pieces.kind === 'all' ? holding.pieceCount : holding.pieces.count;
}

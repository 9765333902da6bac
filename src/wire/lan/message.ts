import type { PeerId } from '../../holdings/holding.ts';
import type { HashPlace } from '../../metainfo/hash-place.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';

/** Types 0 to 6 of the P2PFILESHARINGPROJ assignment; type 7 is a piece. */
export type AssignmentMessage =
  | { readonly type: 'choke' }
  | { readonly type: 'unchoke' }
  | { readonly type: 'interested' }
  | { readonly type: 'not interested' }
  | { readonly type: 'have'; readonly index: number }
  | { readonly type: 'bitfield'; readonly bits: Uint8Array }
  | { readonly type: 'request'; readonly index: number };

/**
 * The native dialect: what the assignment has, and what passes only between two lanshare nodes, after a hello.
 * docs/PROTOCOL.md has it byte by byte.
 */
export type LanMessage =
  | AssignmentMessage
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'metainfo offer'; readonly size: number }
  | { readonly type: 'metainfo request'; readonly offset: number; readonly length: number }
  | { readonly type: 'metainfo'; readonly offset: number; readonly bytes: Uint8Array }
  // As in BEP 52, where both sides say FEATURE_HASHES.
  | ({ readonly type: 'hash request' } & HashPlace)
  | ({ readonly type: 'hashes'; readonly hashes: Uint8Array } & HashPlace)
  | ({ readonly type: 'hash reject' } & HashPlace)
  | { readonly type: 'cancel'; readonly index: number }
  | { readonly type: 'reject'; readonly index: number }
  | { readonly type: 'refusal'; readonly reason: RefusalReason; readonly text: string };

/** A whole piece, assembled in the buffer that the receiver handed in. */
export interface LanPiece {
  readonly type: 'piece';
  readonly index: number;
  readonly content: Uint8Array;
  /** The CRC-32 of the content as the sender has it; undefined where it was not agreed on. */
  readonly sentCrc32: number | undefined;
}

/** The first 32 bytes. */
export interface LanHandshake {
  readonly type: 'handshake';
  /** The 4-byte peer ID. */
  readonly id: number;
  /** The ten bytes that should be zero, where they are not and that is tolerated. */
  readonly notZero?: Uint8Array | undefined;
}

export type LanInput = LanHandshake | LanMessage | LanPiece;
/** What may come after a handshake that is the assignment's alone. */
export type AssignmentInput = AssignmentMessage | LanPiece;

export const FRAME_TYPES = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  'not interested': 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  hello: 16,
  'metainfo request': 17,
  metainfo: 18,
  cancel: 19,
  reject: 20,
  refusal: 21,
  'metainfo offer': 22,
  'hash request': 23,
  hashes: 24,
  'hash reject': 25,
} as const;

export function isOfAssignment(input: LanInput): input is AssignmentInput {
  return input.type !== 'handshake' && FRAME_TYPES[input.type] <= FRAME_TYPES.piece;
}

/** What two lanshare nodes tell each other before anything else. */
export interface Hello {
  readonly version: number;
  /** The content this link is about. */
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** The sender's listening port; 0 where it has none. */
  readonly port: number;
  /** Requests that may be outstanding at the sender at once. */
  readonly maxRequests: number;
  /** Bytes of the info dictionary; undefined where the sender does not have it. */
  readonly metainfoSize: number | undefined;
  readonly features: readonly string[];
}

export const HELLO_VERSION = 1;
/** Piece frames end with the CRC-32 of their content, where both sides say so. */
export const FEATURE_CRC32 = 'crc32';
/** The sender answers hash requests: piece layers of v2 (BEP 52). */
export const FEATURE_HASHES = 'hashes';
/** The dialler has a link to this peer already, and opens this one over another network to use both. */
export const FEATURE_SECOND_LINK = 'second link';

/** Why a link is closed; said in a `refusal` where the other side understands it. */
export const REFUSAL_REASONS = [
  'protocol error',
  'unknown content',
  'self connection',
  'wrong peer id',
  'duplicate link',
  'too many links',
  'handshake timeout',
  'stalled',
  'corrupt data',
  'banned',
  'nothing to exchange',
  'withdrawn',
  'closing',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** What arrived breaks the protocol. It costs the sender this link and nothing else. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly reason: RefusalReason;

  constructor(message: string, reason: RefusalReason = 'protocol error') {
    super(message);
    this.reason = reason;
  }
}

import { HANDSHAKE_BYTES } from '../../wire/lan/handshake.ts';

/**
 * What was said on one connection, by both sides and in order, as it stood on the wire: well-formed or not. The rules
 * are judged from this alone.
 */
export interface Conversation {
  readonly scenario: ScenarioName;
  readonly entries: readonly Entry[];
}

export interface Entry {
  /** Milliseconds since the connection was made. */
  readonly at: number;
  readonly by: 'probe' | 'program';
  readonly said: Said;
  /** How the probe cut it into packets, where that is what is tried. */
  readonly sent: Packets;
}

export type Packets = 'as usual' | 'byte by byte' | 'with others in one' | 'two requests in one';

export type Said =
  | PlainMessage
  | Piece
  | Strange
  | { readonly type: 'closed'; readonly error: string | undefined };

/** Types 0 to 6 of the assignment. Indexes are plain numbers: whatever came. */
export type PlainMessage =
  | { readonly type: 'choke' | 'unchoke' | 'interested' | 'not interested' }
  | { readonly type: 'have' | 'request'; readonly index: number }
  | { readonly type: 'bitfield'; readonly bits: Uint8Array };

export interface Piece {
  readonly type: 'piece';
  readonly index: number;
  /** Bytes. */
  readonly length: number;
  readonly content: ContentCheck;
}

/** `unknown`: nobody knows what it should be. `piece N`: it is another piece. */
export type ContentCheck = 'right' | 'wrong' | 'unknown' | { readonly pieceInstead: number };

export type Strange =
  /** The first 32 bytes, or those that came. */
  | { readonly type: 'handshake'; readonly bytes: Uint8Array }
  /** One of types 0 to 7 with a payload of a wrong length. */
  | { readonly type: 'misshapen'; readonly name: MessageName; readonly payloadBytes: number }
  | { readonly type: 'unknown'; readonly frameType: number; readonly payloadBytes: number }
  /** Nothing behind this could be read. */
  | { readonly type: 'unreadable'; readonly text: string }
  /** What the probe sent on purpose. */
  | { readonly type: 'provocation'; readonly text: string };

/** In the order of their types, 0 to 7. */
export const MESSAGE_NAMES = [
  'choke',
  'unchoke',
  'interested',
  'not interested',
  'have',
  'bitfield',
  'request',
  'piece',
] as const;
export type MessageName = (typeof MESSAGE_NAMES)[number];

/**
 * In the order in which they are played. The first is that of a peer that obeys all rules; after each that a program may
 * not survive comes one with a right handshake.
 */
export const SCENARIOS = [
  'a whole exchange',
  'a request while choked',
  'a handshake byte by byte',
  'a second exchange',
  'a message of unknown type',
  'a message of length zero',
  'a message of 4 GiB',
  'a handshake after that',
  'a wrong header',
  'another handshake',
  'an ID that nobody lists',
  'a last handshake',
] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

/** The program's handshake; undefined where no whole one came. */
export function handshakeOf(conversation: Conversation): Uint8Array | undefined {
  const bytes = beginningOf(conversation);
  return bytes?.length === HANDSHAKE_BYTES ? bytes : undefined;
}

/** What came first: a handshake, or what there was of it. */
export function beginningOf({ entries }: Conversation): Uint8Array | undefined {
  for (const { by, said } of entries) if (by === 'program' && said.type === 'handshake') return said.bytes;
  return undefined;
}

/** When the conversation was over, milliseconds since the connection was made. */
export function endOf({ entries }: Conversation): number {
  return entries.at(-1)?.at ?? 0;
}

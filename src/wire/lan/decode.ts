import {
  MAX_HASHES_PER_MESSAGE,
  MAX_HELLO_BYTES,
  MAX_PIECE_LENGTH_BYTES,
  MAX_PIECES,
  MAX_REFUSAL_BYTES,
  METAINFO_SLICE_BYTES,
} from '../../limits.ts';
import { TREE_HASH_BYTES } from '../../metainfo/merkle.ts';
import { HASH_PLACE_BYTES, readHashPlace } from '../hash-place.ts';
import { isInPlace, LEAST_RECEIVED_IN_PLACE_BYTES } from '../in-place.ts';
import { PIECE_TRAILER_BYTES } from './encode.ts';
import { checkHandshakeBytes, decodeHandshake, HANDSHAKE_BYTES, type Zeros } from './handshake.ts';
import { decodeHello } from './hello.ts';
import { FRAME_TYPES, type LanInput, type LanMessage, ProtocolError, REFUSAL_REASONS } from './message.ts';

export interface LanDecoderOptions {
  /** Default: checked. */
  readonly zeros?: Zeros;
  /** Which frames there are: those of the assignment, types 0 to 7, or all of this dialect (default). */
  readonly frames?: 'assignment' | 'all';
  /**
   * Called with the header of each piece frame: the buffer of exactly `length` bytes that its content
   * goes into, or undefined to skip the content. Throws a ProtocolError where the piece was never asked for.
   */
  takePiece(index: number, length: number): Uint8Array | undefined;
}

const LAST_TYPE = Math.max(...Object.values(FRAME_TYPES));

type State =
  | { readonly at: 'handshake'; readonly bytes: Uint8Array; filled: number }
  | { readonly at: 'frame header'; readonly bytes: Buffer; filled: number }
  | { readonly at: 'payload'; readonly type: number; readonly bytes: Buffer; filled: number }
  | { readonly at: 'piece header'; readonly contentLength: number; readonly bytes: Buffer; filled: number }
  | {
      readonly at: 'piece content';
      readonly index: number;
      readonly target: Uint8Array | undefined;
      readonly length: number;
      filled: number;
    }
  | { readonly at: 'piece trailer'; readonly piece: FilledPiece; readonly bytes: Buffer; filled: number };

interface FilledPiece {
  readonly index: number;
  readonly content: Uint8Array | undefined;
}

/**
 * Bytes in, messages out, however the bytes were cut. No length is believed before it is checked, and
 * nothing is allocated for a piece: its bytes go straight into the buffer that `takePiece` gives.
 * Throws ProtocolError; after that the decoder must not be used any more.
 */
export class LanDecoder {
  /** Piece frames end with a CRC-32: to be set once both hellos agreed on it. */
  checksummed = false;
  readonly #zeros: Zeros;
  readonly #lastType: number;
  readonly #takePiece: LanDecoderOptions['takePiece'];
  readonly #header = Buffer.alloc(5);
  #state: State = { at: 'handshake', bytes: new Uint8Array(HANDSHAKE_BYTES), filled: 0 };

  constructor(options: LanDecoderOptions) {
    this.#zeros = options.zeros ?? 'checked';
    this.#lastType = options.frames === 'assignment' ? FRAME_TYPES.piece : LAST_TYPE;
    this.#takePiece = options.takePiece;
  }

  /** Messages that `chunk` completes. `chunk` may be reused when the generator is exhausted. */
  *push(chunk: Uint8Array): Generator<LanInput> {
    let rest = chunk;
    while (rest.length > 0) {
      const taken = this.#fill(rest);
      rest = rest.subarray(taken);
      const input = this.#advance();
      if (input !== undefined) yield input;
    }
  }

  /**
   * Where the next bytes belong, when a long stretch of a piece's content is next: who receives them right there
   * saves a copy.
   */
  get wanted(): Uint8Array | undefined {
    const state = this.#state;
    if (state.at !== 'piece content' || state.length - state.filled < LEAST_RECEIVED_IN_PLACE_BYTES)
      return undefined;
    return state.target?.subarray(state.filled);
  }

  /** Copies what the present state wants; returns how many bytes that were. */
  #fill(chunk: Uint8Array): number {
    const state = this.#state;
    const wanted = state.at === 'piece content' ? state.length : state.bytes.length;
    const part = chunk.length > wanted - state.filled ? chunk.subarray(0, wanted - state.filled) : chunk;
    if (state.at === 'handshake') checkHandshakeBytes(part, state.filled, this.#zeros);
    if (state.at === 'piece content') {
      if (state.target !== undefined && !isInPlace(part, state.target, state.filled))
        state.target.set(part, state.filled);
    } else {
      state.bytes.set(part, state.filled);
    }
    state.filled += part.length;
    return part.length;
  }

  /** Leaves every state that is full. */
  #advance(): LanInput | undefined {
    const state = this.#state;
    switch (state.at) {
      case 'handshake':
        if (state.filled < HANDSHAKE_BYTES) return undefined;
        this.#expectFrame();
        return decodeHandshake(state.bytes);
      case 'frame header':
        // Such a frame has no type to wait for.
        if (state.filled >= 4 && state.bytes.readUInt32BE() === 0)
          throw new ProtocolError('a frame of length zero');
        return state.filled < state.bytes.length ? undefined : this.#openFrame(state.bytes);
      case 'payload':
        if (state.filled < state.bytes.length) return undefined;
        this.#expectFrame();
        return decodePayload(state.type, state.bytes);
      case 'piece header':
        if (state.filled === state.bytes.length)
          this.#openPiece(state.bytes.readUInt32BE(), state.contentLength);
        return undefined;
      case 'piece content':
        if (state.filled < state.length) return undefined;
        return this.#closeContent({ index: state.index, content: state.target });
      case 'piece trailer':
        if (state.filled < state.bytes.length) return undefined;
        this.#expectFrame();
        return pieceMessage(state.piece, state.bytes.readUInt32BE());
    }
  }

  #expectFrame(): void {
    this.#state = { at: 'frame header', bytes: this.#header, filled: 0 };
  }

  #openFrame(header: Buffer): LanMessage | undefined {
    const length = header.readUInt32BE();
    const type = header.readUInt8(4);
    if (type > this.#lastType) throw new ProtocolError(`a frame of unknown type ${type}`);
    const payloadBytes = length - 1;
    checkPayloadLength(type, payloadBytes, this.checksummed);
    if (type === FRAME_TYPES.piece) {
      const contentLength = payloadBytes - 4 - (this.checksummed ? PIECE_TRAILER_BYTES : 0);
      this.#state = { at: 'piece header', contentLength, bytes: Buffer.alloc(4), filled: 0 };
      return undefined;
    }
    if (payloadBytes === 0) {
      this.#expectFrame();
      return decodePayload(type, Buffer.alloc(0));
    }
    this.#state = { at: 'payload', type, bytes: Buffer.alloc(payloadBytes), filled: 0 };
    return undefined;
  }

  #openPiece(index: number, length: number): void {
    const target = this.#takePiece(index, length);
    this.#state = { at: 'piece content', index, target, length, filled: 0 };
  }

  #closeContent(piece: FilledPiece): LanInput | undefined {
    if (this.checksummed) {
      this.#state = { at: 'piece trailer', piece, bytes: Buffer.alloc(PIECE_TRAILER_BYTES), filled: 0 };
      return undefined;
    }
    this.#expectFrame();
    return pieceMessage(piece, undefined);
  }
}

function pieceMessage({ index, content }: FilledPiece, sentCrc32: number | undefined): LanInput | undefined {
  return content === undefined ? undefined : { type: 'piece', index, content, sentCrc32 };
}

/** Every payload's length is fixed or bounded by its type. */
function checkPayloadLength(type: number, bytes: number, checksummed: boolean): void {
  const [least, most] = payloadBounds(type, checksummed);
  if (bytes < least || bytes > most)
    throw new ProtocolError(`a frame of type ${type} with ${bytes} bytes of payload`);
}

function payloadBounds(type: number, checksummed: boolean): readonly [number, number] {
  switch (type) {
    case FRAME_TYPES.choke:
    case FRAME_TYPES.unchoke:
    case FRAME_TYPES.interested:
    case FRAME_TYPES['not interested']:
      return [0, 0];
    case FRAME_TYPES.have:
    case FRAME_TYPES.request:
    case FRAME_TYPES.cancel:
    case FRAME_TYPES.reject:
    case FRAME_TYPES['metainfo offer']:
      return [4, 4];
    case FRAME_TYPES.bitfield:
      return [0, Math.ceil(MAX_PIECES / 8)];
    case FRAME_TYPES.piece: {
      const around = 4 + (checksummed ? PIECE_TRAILER_BYTES : 0);
      return [around + 1, around + MAX_PIECE_LENGTH_BYTES];
    }
    case FRAME_TYPES.hello:
      return [2, MAX_HELLO_BYTES];
    case FRAME_TYPES['metainfo request']:
      return [8, 8];
    case FRAME_TYPES.metainfo:
      return [5, 4 + METAINFO_SLICE_BYTES];
    case FRAME_TYPES['hash request']:
    case FRAME_TYPES['hash reject']:
      return [HASH_PLACE_BYTES, HASH_PLACE_BYTES];
    case FRAME_TYPES.hashes:
      return [HASH_PLACE_BYTES, HASH_PLACE_BYTES + MAX_HASHES_PER_MESSAGE * TREE_HASH_BYTES];
    case FRAME_TYPES.refusal:
      return [1, 1 + MAX_REFUSAL_BYTES];
    default:
      throw new ProtocolError(`a frame of unknown type ${type}`);
  }
}

function decodePayload(type: number, payload: Buffer): LanMessage {
  switch (type) {
    case FRAME_TYPES.choke:
      return { type: 'choke' };
    case FRAME_TYPES.unchoke:
      return { type: 'unchoke' };
    case FRAME_TYPES.interested:
      return { type: 'interested' };
    case FRAME_TYPES['not interested']:
      return { type: 'not interested' };
    case FRAME_TYPES.have:
      return { type: 'have', index: payload.readUInt32BE() };
    case FRAME_TYPES.request:
      return { type: 'request', index: payload.readUInt32BE() };
    case FRAME_TYPES.cancel:
      return { type: 'cancel', index: payload.readUInt32BE() };
    case FRAME_TYPES.reject:
      return { type: 'reject', index: payload.readUInt32BE() };
    case FRAME_TYPES.bitfield:
      return { type: 'bitfield', bits: payload };
    case FRAME_TYPES.hello:
      return { type: 'hello', hello: decodeHello(payload) };
    case FRAME_TYPES['metainfo offer']:
      return { type: 'metainfo offer', size: payload.readUInt32BE() };
    case FRAME_TYPES['metainfo request']:
      return { type: 'metainfo request', offset: payload.readUInt32BE(), length: payload.readUInt32BE(4) };
    case FRAME_TYPES.metainfo:
      return { type: 'metainfo', offset: payload.readUInt32BE(), bytes: payload.subarray(4) };
    case FRAME_TYPES['hash request']:
      return { type: 'hash request', ...readHashPlace(payload) };
    case FRAME_TYPES.hashes:
      return decodeHashes(payload);
    case FRAME_TYPES['hash reject']:
      return { type: 'hash reject', ...readHashPlace(payload) };
    case FRAME_TYPES.refusal:
      return decodeRefusal(payload);
    default:
      throw new ProtocolError(`a frame of unknown type ${type}`);
  }
}

function decodeHashes(payload: Buffer): LanMessage {
  const hashes = payload.subarray(HASH_PLACE_BYTES);
  if (hashes.length % TREE_HASH_BYTES !== 0) throw new ProtocolError(`hashes of ${hashes.length} bytes`);
  return { type: 'hashes', ...readHashPlace(payload), hashes };
}

function decodeRefusal(payload: Buffer): LanMessage {
  // A newer peer may know more reasons; its text still says why.
  const reason = REFUSAL_REASONS[payload.readUInt8()] ?? 'closing';
  return { type: 'refusal', reason, text: payload.toString('utf8', 1) };
}

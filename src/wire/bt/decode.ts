import { isInPlace, LEAST_RECEIVED_IN_PLACE_BYTES } from '../in-place.ts';
import { ProtocolError } from '../lan/message.ts';
import {
  decodeExtension,
  decodePayload,
  extensionBounds,
  isKnownExtension,
  isKnownType,
  payloadBounds,
} from './decode-payload.ts';
import { BLOCK_HEADER_BYTES, BLOCK_START_BYTES, BT_FRAME_TYPES, LENGTH_BYTES } from './frame-types.ts';
import { BT_HANDSHAKE_BYTES, checkBtHandshakeBytes, decodeBtHandshake } from './handshake.ts';
import type { BtBlock, BtInput, BtMessage } from './message.ts';

export interface BtDecoderOptions {
  /**
   * Called with the header of each block: the buffer of exactly `length` bytes that it goes into, or undefined to
   * skip it. Throws a ProtocolError where the block was never asked for.
   */
  takeBlock(index: number, begin: number, length: number): Uint8Array | undefined;
}

/** `length` bytes are wanted before anything can be said of them; they go to `target`, or nowhere. */
interface Filling<Target extends Uint8Array | undefined> {
  readonly target: Target;
  readonly length: number;
  filled: number;
}

type State =
  | ({ readonly at: 'handshake' } & Filling<Buffer>)
  | ({ readonly at: 'frame length' } & Filling<Buffer>)
  | ({ readonly at: 'frame type'; readonly frameBytes: number } & Filling<Buffer>)
  | ({ readonly at: 'payload'; readonly type: number } & Filling<Buffer>)
  | ({ readonly at: 'extension id'; readonly payloadBytes: number } & Filling<Buffer>)
  | ({ readonly at: 'extension payload'; readonly id: number } & Filling<Buffer>)
  | ({ readonly at: 'block start'; readonly blockBytes: number } & Filling<Buffer>)
  | ({ readonly at: 'block'; readonly block: BtBlock } & Filling<Uint8Array | undefined>)
  | ({ readonly at: 'skipped payload'; readonly message: BtMessage | undefined } & Filling<undefined>);

/**
 * Bytes in, messages out, however the bytes were cut. No length is believed before it is checked, and nothing is
 * allocated for a block: its bytes go straight into the buffer that `takeBlock` gives.
 * Throws ProtocolError; after that the decoder must not be used any more.
 */
export class BtDecoder {
  /** Both handshakes have the bit of BEP 6: to be set when they are known. Its messages are refused before. */
  fast = false;
  readonly #takeBlock: BtDecoderOptions['takeBlock'];
  readonly #lengthBytes = Buffer.alloc(LENGTH_BYTES);
  #state: State = { at: 'handshake', ...gathering(BT_HANDSHAKE_BYTES) };

  constructor(options: BtDecoderOptions) {
    this.#takeBlock = options.takeBlock;
  }

  /** Messages that `chunk` completes. `chunk` may be reused when the generator is exhausted. */
  *push(chunk: Uint8Array): Generator<BtInput> {
    let at = 0;
    while (at < chunk.length) {
      at += this.#openBlockAtOnce(chunk, at);
      at += this.#fill(chunk, at);
      const input = this.#advance();
      if (input !== undefined) yield input;
    }
  }

  /**
   * Where the next bytes belong, when a long stretch of a block is next: who receives them right there saves a copy.
   */
  get wanted(): Uint8Array | undefined {
    const state = this.#state;
    if (state.at !== 'block' || state.length - state.filled < LEAST_RECEIVED_IN_PLACE_BYTES) return undefined;
    return state.target?.subarray(state.filled);
  }

  /** What nearly all frames of a download are. Returns how many bytes that took; 0 for all others. */
  #openBlockAtOnce(chunk: Uint8Array, at: number): number {
    const state = this.#state;
    if (state.at !== 'frame length' || state.filled > 0) return 0;
    if (chunk.length - at < BLOCK_HEADER_BYTES || chunk[at + 4] !== BT_FRAME_TYPES.piece) return 0;
    const payloadBytes = uint32(chunk, at) - 1;
    if (payloadBytes < 0) return 0;
    checkLength(BT_FRAME_TYPES.piece, payloadBytes, this.fast);
    this.#openBlock(uint32(chunk, at + 5), uint32(chunk, at + 9), payloadBytes - BLOCK_START_BYTES);
    return BLOCK_HEADER_BYTES;
  }

  /** Copies what the present state wants; returns how many bytes that were. */
  #fill(chunk: Uint8Array, at: number): number {
    const state = this.#state;
    const { target, filled } = state;
    const taken = Math.min(state.length - filled, chunk.length - at);
    if (target !== undefined) {
      const part = chunk.subarray(at, at + taken);
      if (state.at === 'handshake') checkBtHandshakeBytes(part, filled);
      if (!isInPlace(part, target, filled)) target.set(part, filled);
    }
    state.filled += taken;
    return taken;
  }

  /** Leaves a state that is full. */
  #advance(): BtInput | undefined {
    const state = this.#state;
    if (state.filled < state.length) return undefined;
    switch (state.at) {
      case 'handshake':
        this.#expectFrame();
        return decodeBtHandshake(state.target);
      case 'frame length':
        return this.#openFrame(state.target.readUInt32BE());
      case 'frame type':
        return this.#openPayload(state.target.readUInt8(), state.frameBytes - 1);
      case 'payload':
        this.#expectFrame();
        return decodePayload(state.type, state.target);
      case 'extension id':
        return this.#openExtension(state.target.readUInt8(), state.payloadBytes - 1);
      case 'extension payload':
        this.#expectFrame();
        return decodeExtension(state.id, state.target);
      case 'block start':
        this.#openBlock(state.target.readUInt32BE(), state.target.readUInt32BE(4), state.blockBytes);
        return undefined;
      case 'block':
        this.#expectFrame();
        return state.target === undefined ? undefined : state.block;
      case 'skipped payload':
        this.#expectFrame();
        return state.message;
    }
  }

  #expectFrame(): void {
    this.#state = { at: 'frame length', target: this.#lengthBytes, length: LENGTH_BYTES, filled: 0 };
  }

  #openFrame(frameBytes: number): BtMessage | undefined {
    if (frameBytes === 0) {
      this.#expectFrame();
      return { type: 'keep-alive' };
    }
    this.#state = { at: 'frame type', frameBytes, ...gathering(1) };
    return undefined;
  }

  #openPayload(type: number, payloadBytes: number): BtMessage | undefined {
    checkLength(type, payloadBytes, this.fast);
    if (type === BT_FRAME_TYPES.piece) {
      const blockBytes = payloadBytes - BLOCK_START_BYTES;
      this.#state = { at: 'block start', blockBytes, ...gathering(BLOCK_START_BYTES) };
    } else if (type === BT_FRAME_TYPES.extended) {
      this.#state = { at: 'extension id', payloadBytes, ...gathering(1) };
    } else if (!isKnownType(type)) {
      return this.#skip(payloadBytes, undefined);
    } else if (payloadBytes === 0) {
      this.#expectFrame();
      return decodePayload(type, Buffer.alloc(0));
    } else {
      this.#state = { at: 'payload', type, ...gathering(payloadBytes) };
    }
    return undefined;
  }

  #openExtension(id: number, payloadBytes: number): BtMessage | undefined {
    const [least, most] = extensionBounds(id);
    if (payloadBytes < least || payloadBytes > most)
      throw new ProtocolError(`a message of extension ${id} with ${payloadBytes} bytes`);
    if (isKnownExtension(id)) {
      this.#state = { at: 'extension payload', id, ...gathering(payloadBytes) };
      return undefined;
    }
    return this.#skip(payloadBytes, { type: 'unknown extension', id });
  }

  #openBlock(index: number, begin: number, length: number): void {
    const target = this.#takeBlock(index, begin, length);
    this.#state = { at: 'block', block: { type: 'block', index, begin, length }, target, length, filled: 0 };
  }

  #skip(length: number, message: BtMessage | undefined): BtMessage | undefined {
    if (length === 0) {
      this.#expectFrame();
      return message;
    }
    this.#state = { at: 'skipped payload', message, target: undefined, length, filled: 0 };
    return undefined;
  }
}

function gathering(length: number): Filling<Buffer> {
  return { target: Buffer.allocUnsafe(length), length, filled: 0 };
}

function checkLength(type: number, bytes: number, fast: boolean): void {
  const [least, most] = payloadBounds(type, fast);
  if (bytes < least || bytes > most)
    throw new ProtocolError(`a frame of type ${type} with ${bytes} bytes of payload`);
}

function uint32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

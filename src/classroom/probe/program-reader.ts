import { PROBE_MAX_RECEIVED_BYTES } from '../../limits.ts';
import { HANDSHAKE_BYTES } from '../../wire/lan/handshake.ts';
import { type ContentCheck, MESSAGE_NAMES, type Said } from './conversation.ts';
import { mostPayloadBytes, payloadFits, whyUnbelievable } from './frame-shape.ts';

const LENGTH_BYTES = 4;

export interface ProgramReaderOptions {
  onSaid(said: Said): void;
  /** Whether a piece's content is what it should be. */
  checkContent(index: number, content: Uint8Array): ContentCheck;
}

type State =
  | { readonly at: 'handshake'; readonly needs: number }
  | { readonly at: 'length'; readonly needs: number }
  | { readonly at: 'type'; readonly needs: number; readonly length: Buffer }
  | { readonly at: 'payload'; readonly needs: number; readonly frameType: number }
  /** The stream is garbled, or too long. */
  | { readonly at: 'the end' };

/**
 * Reads what somebody's program sends. Unlike `LanDecoder` it refuses nothing: what breaks the protocol is told as it
 * came, and read on behind it for as long as lengths make sense. Holds no more than what has arrived of one frame.
 */
export class ProgramReader {
  readonly #options: ProgramReaderOptions;
  #state: State = { at: 'handshake', needs: HANDSHAKE_BYTES };
  #chunks: Uint8Array[] = [];
  #gathered = 0;
  #received = 0;
  #messages = 0;

  constructor(options: ProgramReaderOptions) {
    this.#options = options;
  }

  /** The chunk may be used again afterwards. */
  push(chunk: Uint8Array): void {
    this.#received += chunk.length;
    let at = 0;
    while (at < chunk.length && this.#state.at !== 'the end') {
      const taken = Buffer.from(chunk.subarray(at, at + this.#state.needs - this.#gathered));
      this.#chunks.push(taken);
      this.#gathered += taken.length;
      at += taken.length;
      if (this.#gathered === this.#state.needs) this.#advance(this.#state, this.#drain());
    }
    if (this.#received > PROBE_MAX_RECEIVED_BYTES) this.#giveUp('it sends more than was ever asked for');
  }

  /** Nothing more comes: what is left over is told. */
  end(): void {
    const { at } = this.#state;
    this.endOfHandshake();
    if (at === 'the end' || at === 'handshake' || (at === 'length' && this.#gathered === 0)) return;
    this.#giveUp(`the connection ends within a message, at its ${at}`);
  }

  /** Nobody waits for the rest of a handshake any more: what came of it is told. */
  endOfHandshake(): void {
    if (this.#state.at !== 'handshake' || this.#gathered === 0) return;
    const bytes = this.#drain();
    this.#state = { at: 'the end' };
    this.#say({ type: 'handshake', bytes });
  }

  #advance(state: Exclude<State, { at: 'the end' }>, bytes: Buffer): void {
    switch (state.at) {
      case 'handshake':
        this.#say({ type: 'handshake', bytes });
        return this.#expectLength();
      case 'length':
        if (bytes.readUInt32BE() === 0)
          return this.#giveUp('a message of length 0 (the length counts the type, too)');
        this.#state = { at: 'type', needs: 1, length: bytes };
        return;
      case 'type':
        return this.#openPayload(state.length, bytes.readUInt8());
      case 'payload':
        this.#say(this.#message(state.frameType, bytes));
        return this.#expectLength();
    }
  }

  #expectLength(): void {
    this.#state = { at: 'length', needs: LENGTH_BYTES };
  }

  #openPayload(length: Buffer, frameType: number): void {
    const payloadBytes = length.readUInt32BE() - 1;
    if (payloadBytes > mostPayloadBytes(frameType))
      return this.#giveUp(whyUnbelievable(length, frameType, this.#messages === 0));
    this.#messages++;
    if (payloadBytes > 0) {
      this.#state = { at: 'payload', needs: payloadBytes, frameType };
      return;
    }
    this.#say(this.#message(frameType, Buffer.alloc(0)));
    this.#expectLength();
  }

  #message(frameType: number, payload: Buffer): Said {
    const name = MESSAGE_NAMES[frameType];
    if (name === undefined) return { type: 'unknown', frameType, payloadBytes: payload.length };
    if (!payloadFits(name, payload.length)) return { type: 'misshapen', name, payloadBytes: payload.length };
    switch (name) {
      case 'choke':
      case 'unchoke':
      case 'interested':
      case 'not interested':
        return { type: name };
      case 'have':
      case 'request':
        return { type: name, index: payload.readUInt32BE() };
      case 'bitfield':
        return { type: name, bits: payload };
      case 'piece': {
        const index = payload.readUInt32BE();
        const content = payload.subarray(4);
        const check = this.#options.checkContent(index, content);
        return { type: name, index, length: content.length, content: check };
      }
    }
  }

  #giveUp(text: string): void {
    if (this.#state.at === 'the end') return;
    this.#state = { at: 'the end' };
    this.#chunks = [];
    this.#say({ type: 'unreadable', text });
  }

  #say(said: Said): void {
    this.#options.onSaid(said);
  }

  #drain(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#gathered = 0;
    return bytes;
  }
}

import type { PeerId } from '../holdings/holding.ts';
import { HANDSHAKE_TIMEOUT_MS, MAX_REFUSAL_BYTES } from '../limits.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import type { InfoHash, PieceIndex } from '../metainfo/metainfo.ts';
import type { Timer } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Connection } from '../platform/network.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { LanDecoder } from '../wire/lan/decode.ts';
import { encodeMessage, encodeMetainfoHeader } from '../wire/lan/encode.ts';
import { encodeHandshake, shortId } from '../wire/lan/handshake.ts';
import {
  FEATURE_CRC32,
  FEATURE_HASHES,
  FEATURE_SECOND_LINK,
  HELLO_VERSION,
  type Hello,
  type LanInput,
  type LanMessage,
  ProtocolError,
  type RefusalReason,
} from '../wire/lan/message.ts';
import { dispatch, type OpenLink } from './lan-dispatch.ts';
import { helloOf, type LinkOptions, type OpenableLink } from './link-setup.ts';
import { Outbox } from './outbox.ts';
import type { LinkClosed } from './peer-link.ts';
import { UploadQueue } from './upload-queue.ts';

type Phase =
  | { readonly name: 'handshake' }
  | { readonly name: 'hello'; readonly id: number }
  | ({ readonly name: 'open' } & OpenLink)
  | { readonly name: 'closed' };

/** One connection that speaks the native dialect: handshake, hello, then messages both ways. */
export class LanLink implements OpenableLink {
  readonly dialect = 'lan';
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly dialed: boolean;
  /** For the log, which hears of every message. */
  readonly #remoteText: string;
  readonly #options: LinkOptions;
  readonly #connection: Connection;
  readonly #decoder: LanDecoder;
  readonly #outbox: Outbox;
  /** Until the link is open: the handshake's. When it is closing: the farewell's. */
  #deadline: Timer;
  #phase: Phase = { name: 'handshake' };
  #hello: Hello | undefined;
  #farewell: LinkClosed | undefined;
  #filling: Uint8Array | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#outbox = new Outbox(options.connection);
    this.remote = options.connection.remote;
    this.local = options.connection.local;
    this.#remoteText = formatEndpoint(this.remote);
    this.dialed = options.role.kind === 'dialer';
    this.#decoder = new LanDecoder({ takePiece: (index, length) => this.#takePiece(index, length) });
    this.#deadline = options.clock.setTimer(HANDSHAKE_TIMEOUT_MS, () =>
      this.close('handshake timeout', `no handshake within ${HANDSHAKE_TIMEOUT_MS / 1000} s`),
    );
    if (options.role.kind === 'dialer') this.#introduce(options.role.infoHash, options.role.metainfoSize);
  }

  /** Somebody else speaks on the connection: it is another dialect. */
  abandon(): void {
    this.#deadline.cancel();
    this.#phase = { name: 'closed' };
  }

  /** Bytes from the connection. */
  receive(chunk: Uint8Array): void {
    try {
      if (this.#phase.name === 'open') this.#phase.handler.onReceived(chunk.length);
      for (const input of this.#decoder.push(chunk)) {
        if (this.#phase.name === 'closed') return;
        this.#onInput(input);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.close(error.reason, error.message);
    }
  }

  /** Where the next bytes had best be received; see LanDecoder.wanted. */
  get receiveInto(): Uint8Array | undefined {
    return this.#phase.name === 'open' ? this.#decoder.wanted : undefined;
  }

  /** The connection has ended. */
  connectionClosed(error: string | undefined): void {
    const phase = this.#phase;
    this.#deadline.cancel();
    this.#phase = { name: 'closed' };
    const closed = this.#farewell ?? { by: 'network', text: error ?? 'the connection was closed' };
    const reason = closed.by === 'network' ? undefined : closed.reason;
    const details = { by: closed.by, reason, text: closed.text };
    this.#log('link closed', details, phase.name === 'open' ? 'info' : 'debug');
    if (phase.name === 'open') {
      phase.uploads.close();
      if (this.#filling !== undefined) phase.handler.releasePiece(this.#filling);
      phase.handler.onClosed(closed);
    } else if (phase.name !== 'closed') {
      this.#options.onFailed(closed);
    }
  }

  // ---- what the transfer does with the link ----------------------------------------------------------

  get peerId(): PeerId {
    return this.#theirHello.peerId;
  }

  get maxRequests(): number {
    return this.#theirHello.maxRequests;
  }

  get metainfoSize(): number | undefined {
    return this.#theirHello.metainfoSize;
  }

  get givesHashes(): boolean {
    return this.#theirHello.features.includes(FEATURE_HASHES);
  }

  get queuedUploads(): number {
    return this.#phase.name === 'open' ? this.#phase.uploads.length : 0;
  }

  get readsNothing(): boolean {
    return this.#phase.name === 'open' && this.#phase.uploads.stuck;
  }

  serve(store: ContentStore): void {
    this.#open.uploads.serve(store);
  }

  bitfield(bits: Uint8Array): void {
    this.#send({ type: 'bitfield', bits });
  }

  have(index: PieceIndex): void {
    this.#send({ type: 'have', index });
  }

  choke(): void {
    this.#open.uploads.clear();
    this.#send({ type: 'choke' });
  }

  unchoke(): void {
    this.#send({ type: 'unchoke' });
  }

  interested(): void {
    this.#send({ type: 'interested' });
  }

  notInterested(): void {
    this.#send({ type: 'not interested' });
  }

  request(index: PieceIndex): void {
    this.#send({ type: 'request', index });
  }

  cancel(index: PieceIndex): void {
    this.#send({ type: 'cancel', index });
  }

  offerMetainfo(size: number): void {
    this.#send({ type: 'metainfo offer', size });
  }

  requestMetainfo(offset: number, length: number): void {
    this.#send({ type: 'metainfo request', offset, length });
  }

  requestHashes(place: HashPlace): void {
    this.#send({ ...place, type: 'hash request' });
  }

  /** Lanshare nodes know of each other by gossip. */
  exchangePeers(): void {}

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  close(reason: RefusalReason, text: string = reason): void {
    if (this.#phase.name === 'closed' || this.#farewell !== undefined) return;
    this.#farewell = { by: 'us', reason, text };
    this.#log('refusing', { reason, text });
    // Who has not shaken hands may not even speak this dialect.
    if (this.#phase.name === 'handshake') return this.#connection.destroy();
    if (this.#phase.name === 'open') this.#phase.uploads.close();
    this.#send({ type: 'refusal', reason, text: text.slice(0, MAX_REFUSAL_BYTES / 4) });
    // A peer that does not read would keep a polite end waiting for ever.
    this.#deadline.cancel();
    this.#deadline = this.#options.clock.setTimer(CLOSE_GRACE_MS, () => this.#connection.destroy());
    this.#connection.end();
  }

  drop(text: string): void {
    if (this.#phase.name === 'closed') return;
    this.#farewell ??= { by: 'network', text };
    this.#connection.destroy();
  }

  // ---- what arrives ------------------------------------------------------------------------------------

  #onInput(input: LanInput): void {
    if (this.#farewell !== undefined) return;
    if (input.type !== 'piece') this.#log('received', { message: input.type });
    switch (this.#phase.name) {
      case 'handshake':
        if (input.type === 'handshake') this.#onHandshake(input.id);
        return;
      case 'hello':
        return this.#onFirstMessage(input, this.#phase.id);
      case 'open':
        if (input.type === 'piece') this.#filling = undefined;
        return dispatch(input, this.#phase);
      case 'closed':
        return;
    }
  }

  #onHandshake(id: number): void {
    this.#phase = { name: 'hello', id };
    if (this.#options.role.kind === 'listener')
      this.#connection.write([encodeHandshake(shortId(this.#options.local.peerId))]);
  }

  #onFirstMessage(input: LanInput, id: number): void {
    if (input.type === 'refusal') return this.#onRefusal(input.reason, input.text);
    if (input.type !== 'hello') {
      throw new ProtocolError(`${input.type} came before the hello: this node serves only lanshare peers`);
    }
    const { hello } = input;
    if (hello.version !== HELLO_VERSION) throw new ProtocolError(`the peer speaks version ${hello.version}`);
    if (hello.peerId === this.#options.local.peerId)
      return this.close('self connection', 'connected to ourselves');
    if (shortId(hello.peerId) !== id) {
      return this.close('wrong peer id', 'the ID in the handshake is not the one in the hello');
    }
    this.#welcome(hello);
  }

  #welcome(hello: Hello): void {
    this.#hello = hello;
    const { infoHash, peerId, port, features } = hello;
    const second = features.includes(FEATURE_SECOND_LINK);
    const welcome = this.#options.welcome(this, { infoHash, peerId, port, second });
    if (welcome.kind === 'refused') return this.close(welcome.reason, welcome.text);
    this.#deadline.cancel();
    if (this.#options.role.kind === 'listener') this.#introduce(hello.infoHash, welcome.metainfoSize);
    const uploads = new UploadQueue({
      connection: this.#connection,
      clock: this.#options.clock,
      buffers: this.#options.buffers,
      limit: welcome.uploadLimit,
      sent: welcome.sent,
      onSent: (bytes) => welcome.handler.onSent(bytes),
      onFrameEnd: () => this.#outbox.release(),
      onFault: (error, index) => {
        this.#send({ type: 'reject', index });
        welcome.handler.onSourceFault(error);
      },
    });
    const checksummed = hello.features.includes(FEATURE_CRC32);
    this.#decoder.checksummed = checksummed;
    uploads.checksummed = checksummed;
    this.#phase = {
      name: 'open',
      handler: welcome.handler,
      uploads,
      send: (message) => this.#send(message),
      refused: ({ reason, text }) => this.#onRefusal(reason, text),
    };
    this.#log('link open', { peerId: hello.peerId, infoHash: hello.infoHash, checksummed }, 'info');
    welcome.opened();
  }

  #onRefusal(reason: RefusalReason, text: string): void {
    this.#farewell = { by: 'peer', reason, text };
    this.#connection.destroy();
  }

  #takePiece(index: number, length: number): Uint8Array | undefined {
    if (this.#phase.name !== 'open') throw new ProtocolError('a piece before the hello');
    this.#filling = this.#phase.handler.takePiece(index, length);
    return this.#filling;
  }

  // ---- what is sent ------------------------------------------------------------------------------------

  /** Handshake (the dialler's) and hello in one write: one round trip to everything. */
  #introduce(infoHash: InfoHash, metainfoSize: number | undefined): void {
    const { role, local } = this.#options;
    const hello = helloOf(local, role, infoHash, metainfoSize);
    const frame = encodeMessage({ type: 'hello', hello });
    this.#connection.write(
      role.kind === 'dialer' ? [encodeHandshake(shortId(local.peerId)), frame] : [frame],
    );
  }

  #send(message: LanMessage): void {
    if (this.#phase.name === 'closed') return;
    this.#log('sent', { message: message.type });
    // A slice of the metainfo is not copied into its frame: it is large, and the same for everybody.
    if (message.type === 'metainfo')
      this.#sendFrame(encodeMetainfoHeader(message.offset, message.bytes.length), message.bytes);
    else this.#sendFrame(encodeMessage(message));
  }

  #sendFrame(frame: Uint8Array, ...shared: Uint8Array[]): void {
    // A frame may not stand inside a piece's frame that is being sent slice by slice.
    const midFrame = this.#phase.name === 'open' && this.#phase.uploads.midFrame;
    if (!this.#outbox.send(frame, shared, midFrame))
      this.close('protocol error', 'the peer does not read what it is told');
  }

  /** Who the peer is stays known when the link has ended. */
  get #theirHello(): Hello {
    if (this.#hello === undefined) throw new TypeError('the peer has not said who it is');
    return this.#hello;
  }

  get #open(): Extract<Phase, { name: 'open' }> {
    if (this.#phase.name !== 'open') throw new TypeError('the link is not open');
    return this.#phase;
  }

  #log(message: string, details: object, level: 'debug' | 'info' = 'debug'): void {
    this.#options.logger[level]({ remote: this.#remoteText, ...details }, message);
  }
}

const CLOSE_GRACE_MS = 2_000;

import { HANDSHAKE_TIMEOUT_MS } from '../limits.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Connection } from '../platform/network.ts';
import { ProtocolError, type RefusalReason } from '../wire/lan/message.ts';
import type { LinkClosed, LinkHandler, PeerLink } from './peer-link.ts';

export interface DialectLinkOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The link ended before it was welcomed. */
  onFailed(reason: LinkClosed): void;
}

/** What a link of any dialect has once it has been welcomed. */
export interface OpenParts {
  readonly handler: Pick<LinkHandler, 'onReceived' | 'onClosed'>;
  readonly uploads: { readonly length: number; readonly stuck: boolean; close(): void };
}

/** Bytes in, messages out; see LanDecoder. */
interface Decoder<Input> {
  push(chunk: Uint8Array): Iterable<Input>;
  readonly wanted: Uint8Array | undefined;
}

type Phase<Open> =
  | { readonly name: 'setup' }
  | { readonly name: 'open'; readonly open: Open }
  | { readonly name: 'closed' };

/**
 * The life of a link, from the first byte of its connection to the last: introductions within a time, then messages,
 * then one farewell that is told once, whoever says it. What is said, and how, is a dialect's own.
 */
export abstract class DialectLink<Input extends { readonly type: string }, Open extends OpenParts> {
  abstract readonly dialect: PeerLink['dialect'];
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly dialed: boolean;
  protected readonly connection: Connection;
  /** For the log, which hears of every message. */
  readonly #remoteText: string;
  readonly #options: DialectLinkOptions;
  /** Until the link is open: the handshake's. When it is closing: the farewell's. */
  #deadline: Timer;
  #phase: Phase<Open> = { name: 'setup' };
  #farewell: LinkClosed | undefined;

  constructor(options: DialectLinkOptions, dialed: boolean) {
    const { connection, clock } = options;
    this.#options = options;
    this.connection = connection;
    this.remote = connection.remote;
    this.local = connection.local;
    this.#remoteText = formatEndpoint(this.remote);
    this.dialed = dialed;
    this.#deadline = clock.setTimer(HANDSHAKE_TIMEOUT_MS, () =>
      this.close('handshake timeout', `no handshake within ${HANDSHAKE_TIMEOUT_MS / 1000} s`),
    );
  }

  // ---- a dialect's own -------------------------------------------------------------------------------

  protected abstract readonly decoder: Decoder<Input>;
  /** What comes before the link is open. May throw ProtocolError, like all that is called with what arrives. */
  protected abstract onSetup(input: Input): void;
  protected abstract onMessage(input: Input, open: Open): void;
  /** Says why, where there are words for it, and ends the connection. */
  protected abstract part(reason: RefusalReason, text: string): void;
  /** The connection is gone: what is half done stays so. */
  protected abstract ended(open: Open): void;

  // ---- the connection --------------------------------------------------------------------------------

  /** Bytes from the connection. */
  receive(chunk: Uint8Array): void {
    if (this.isOver) return;
    try {
      this.whenOpen?.handler.onReceived(chunk.length);
      for (const input of this.decoder.push(chunk)) {
        this.#onInput(input);
        if (this.isOver) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.close(error.reason, error.message);
    }
  }

  /** Where the next bytes had best be received; see LanDecoder.wanted. */
  get receiveInto(): Uint8Array | undefined {
    return this.whenOpen !== undefined && !this.isOver ? this.decoder.wanted : undefined;
  }

  /** The connection has ended. */
  connectionClosed(error: string | undefined): void {
    const phase = this.#phase;
    this.#deadline.cancel();
    this.#phase = { name: 'closed' };
    const closed = this.#farewell ?? { by: 'network', text: error ?? 'the connection was closed' };
    const reason = closed.by === 'network' ? undefined : closed.reason;
    const details = { by: closed.by, reason, text: closed.text };
    this.log('link closed', details, phase.name === 'open' ? 'info' : 'debug');
    if (phase.name === 'open') {
      phase.open.uploads.close();
      this.ended(phase.open);
      phase.open.handler.onClosed(closed);
    } else if (phase.name !== 'closed') {
      this.#options.onFailed(closed);
    }
  }

  /** Somebody else speaks on the connection: it is another dialect. */
  abandon(): void {
    this.#deadline.cancel();
    this.#phase = { name: 'closed' };
  }

  // ---- what the transfer does with any link ----------------------------------------------------------

  get queuedUploads(): number {
    return this.whenOpen?.uploads.length ?? 0;
  }

  get readsNothing(): boolean {
    return this.whenOpen?.uploads.stuck ?? false;
  }

  pause(): void {
    this.connection.pause();
  }

  resume(): void {
    this.connection.resume();
  }

  close(reason: RefusalReason, text: string = reason): void {
    if (this.isOver) return;
    this.#farewell = { by: 'us', reason, text };
    this.log('refusing', { reason, text });
    this.part(reason, text);
  }

  drop(text: string): void {
    if (this.isClosed) return;
    this.#farewell ??= { by: 'network', text };
    this.connection.destroy();
  }

  // ---- what a dialect does with its link -------------------------------------------------------------

  /** The other side has been welcomed. */
  protected opened(open: Open): void {
    this.#deadline.cancel();
    this.#phase = { name: 'open', open };
  }

  /** The other side says why it ends the link. */
  protected refusedByPeer(reason: RefusalReason, text: string): void {
    this.#farewell = { by: 'peer', reason, text };
    this.connection.destroy();
  }

  /** A peer that does not read would keep a polite end waiting for ever. */
  protected allowGrace(): void {
    this.#deadline.cancel();
    this.#deadline = this.#options.clock.setTimer(CLOSE_GRACE_MS, () => this.connection.destroy());
  }

  protected get open(): Open {
    if (this.#phase.name !== 'open') throw new TypeError('the link is not open');
    return this.#phase.open;
  }

  /** Undefined before the link was welcomed, and after its end. */
  protected get whenOpen(): Open | undefined {
    return this.#phase.name === 'open' ? this.#phase.open : undefined;
  }

  protected get isClosed(): boolean {
    return this.#phase.name === 'closed';
  }

  /** A farewell has been said, or nobody is there any more. */
  protected get isOver(): boolean {
    return this.isClosed || this.#farewell !== undefined;
  }

  protected log(message: string, details: object, level: 'debug' | 'info' = 'debug'): void {
    this.#options.logger[level]({ remote: this.#remoteText, ...details }, message);
  }

  #onInput(input: Input): void {
    // Of content there is too much.
    if (input.type !== 'piece' && input.type !== 'block') this.log('received', { message: input.type });
    const phase = this.#phase;
    if (phase.name === 'setup') this.onSetup(input);
    else if (phase.name === 'open') this.onMessage(input, phase.open);
  }
}

const CLOSE_GRACE_MS = 2_000;

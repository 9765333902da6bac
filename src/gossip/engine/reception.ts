import type { Endpoint } from '../../platform/endpoint.ts';
import { decodeGossip } from '../codec/decode-gossip.ts';
import { encodeGossip } from '../codec/encode-gossip.ts';
import { COOKIE_BYTES } from '../codec/gossip-layout.ts';
import type { GossipItem, GossipMessage } from '../gossip-message.ts';
import type { Context } from './context.ts';
import { sameBytes } from './cookies.ts';
import type { Handshake } from './handshake.ts';
import type { Session } from './peer.ts';
import type { Peers } from './peers.ts';
import type { SourceLimits } from './source-limits.ts';

const NO_COOKIE = new Uint8Array(COOKIE_BYTES);

/** The way in for datagrams: what is too much, malformed or of nobody we know goes no further. */
export class Reception {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #sources: SourceLimits;
  readonly #handshake: Handshake;
  readonly #take: (items: readonly GossipItem[], session: Session) => void;

  constructor(
    context: Context,
    parts: {
      readonly peers: Peers;
      readonly sources: SourceLimits;
      readonly handshake: Handshake;
      /** What a proven peer says. */
      take(items: readonly GossipItem[], session: Session): void;
    },
  ) {
    this.#context = context;
    this.#peers = parts.peers;
    this.#sources = parts.sources;
    this.#handshake = parts.handshake;
    this.#take = parts.take;
  }

  receive(bytes: Uint8Array, from: Endpoint): void {
    if (this.#sources.isMuted(from.host)) return this.#context.drop('muted', from);
    // A stranger's flood is not even decoded.
    const isStranger = this.#peers.at(from) === undefined;
    if (isStranger && !this.#isWithinRate(from)) return;
    const message = decodeGossip(bytes);
    if ('fault' in message) {
      if (isStranger || this.#isWithinRate(from)) this.#context.drop(message.fault, from);
      return;
    }
    const session = this.#provenBy(message, from);
    if (session !== undefined) return this.#receiveProven(message, session);
    if (isStranger || this.#isWithinRate(from)) this.#receiveUnproven(message, from);
  }

  #isWithinRate(from: Endpoint): boolean {
    const isWithin = this.#sources.takeUnproven(from.host);
    if (!isWithin) this.#context.drop('datagrams a second', from);
    return isWithin;
  }

  /** The session whose cookie it carries. */
  #provenBy({ sender, cookie }: GossipMessage, from: Endpoint): Session | undefined {
    const session = this.#peers.at(from);
    if (session === undefined || session.peer.peerId !== sender) return undefined;
    return sameBytes(session.given, cookie) ? session : undefined;
  }

  #receiveProven(message: GossipMessage, session: Session): void {
    const { endpoint } = session;
    if (!this.#sources.takeProven(endpoint)) return this.#context.drop('datagrams a second', endpoint);
    if (message.kind === 'items') this.#take(message.items, session);
    else this.#receiveUnproven(message, endpoint);
  }

  #receiveUnproven(message: GossipMessage, from: Endpoint): void {
    switch (message.kind) {
      case 'probe':
        return this.#handshake.onProbe(message, from);
      case 'proof':
        return this.#handshake.onProof(message, from);
      case 'unknown':
        return this.#handshake.onUnknown(from);
      case 'items':
        return this.#refuse(message, from);
    }
  }

  #refuse({ sender }: GossipMessage, from: Endpoint): void {
    this.#context.drop('unproven source', from);
    if (sender === this.#context.ownId) return;
    const bytes = encodeGossip({ sender: this.#context.ownId, cookie: NO_COOKIE }, { kind: 'unknown' });
    this.#context.emit({ kind: 'send', bytes, to: from });
  }
}

import type { Endpoint } from '../../platform/endpoint.ts';
import { encodeGossip } from '../codec/encode-gossip.ts';
import { COOKIE_BYTES } from '../codec/gossip-layout.ts';
import { proofBytes } from '../codec/verify-statement.ts';
import type { GossipMessage } from '../gossip-message.ts';
import { peerIdOf } from '../identity.ts';
import type { Context } from './context.ts';
import { Cookies, sameBytes } from './cookies.ts';
import { Peer, type Session } from './peer.ts';
import type { Peers } from './peers.ts';
import type { ProbeCause, Probing } from './probing.ts';
import type { SourceLimits } from './source-limits.ts';
import type { Tombstones } from './tombstones.ts';

type Message<Kind extends GossipMessage['kind']> = Extract<GossipMessage, { kind: Kind }>;

/** Our own probe was answered, for this reason; or we were the one who was asked. */
export type ProvenBy = ProbeCause | 'its own probe';

const NO_COOKIE = new Uint8Array(COOKIE_BYTES);
const SECRET_BYTES = 32;

export interface HandshakeListener {
  /** A peer has proven itself at an address: for the first time (`isNew`), or again. */
  proven(session: Session, isNew: boolean, by: ProvenBy): void;
  /** Another process answers at this address now. */
  replaced(session: Session): void;
}

/**
 * Who is there, at which address: probe, proof, and the proof that answers it. Before the other side has shown
 * that it gets what we send, nothing is kept of it, and nothing larger than its own datagram is sent.
 */
export class Handshake {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #probing: Probing;
  readonly #sources: SourceLimits;
  readonly #tombstones: Tombstones;
  readonly #listener: HandshakeListener;
  readonly #cookies: Cookies;

  constructor(
    context: Context,
    parts: {
      readonly peers: Peers;
      readonly probing: Probing;
      readonly sources: SourceLimits;
      readonly tombstones: Tombstones;
      readonly listener: HandshakeListener;
    },
  ) {
    this.#context = context;
    this.#peers = parts.peers;
    this.#probing = parts.probing;
    this.#sources = parts.sources;
    this.#tombstones = parts.tombstones;
    this.#listener = parts.listener;
    this.#cookies = new Cookies(context.random.bytes(SECRET_BYTES));
  }

  /** "Who are you?" */
  onProbe({ sender, nonce }: Message<'probe'>, from: Endpoint): void {
    if (sender === this.#context.ownId) return this.#probing.isOurs(from);
    if (!this.#sources.takeProbe()) return this.#context.drop('probes a second', from);
    this.#prove(sender, NO_COOKIE, nonce, this.#cookies.give(sender, from), from);
  }

  onProof(message: Message<'proof'>, from: Endpoint): void {
    const { sender, nonce, cookie } = message;
    if (sender === this.#context.ownId) return this.#probing.isOurs(from);
    const cause = this.#probing.causeOf(from, nonce);
    const answersOurs = sameBytes(nonce, cookie) && this.#cookies.isOurs(cookie, sender, from);
    if (cause === undefined && !answersOurs) return this.#context.drop('unproven source', from);
    if (!this.#isWelcome(message, from) || !this.#isGenuine(message, from)) return;
    const given = this.#cookies.give(sender, from);
    if (cause !== undefined) this.#prove(sender, message.given, message.given, given, from);
    this.#admit(message, given, from, cause ?? 'its own probe');
  }

  /** A member there does not know us (any more). */
  onUnknown(from: Endpoint): void {
    const session = this.#peers.at(from);
    if (session === undefined) return this.#context.drop('unproven source', from);
    // Anybody can say this in its name, and a probe is larger: so not too often.
    const { now, roundMs } = this.#context;
    if (now < session.forgottenAt + roundMs) return;
    session.forgottenAt = now;
    this.#probing.probe(from, 'forgotten');
  }

  #isWelcome({ sender }: Message<'proof'>, from: Endpoint): boolean {
    if (this.#tombstones.has(sender)) return false;
    if (this.#peers.get(sender) !== undefined || this.#peers.hasRoomFor(sender, from)) return true;
    this.#context.drop('too many peers', from);
    return false;
  }

  #isGenuine({ sender, nonce, given, publicKey, signature }: Message<'proof'>, from: Endpoint): boolean {
    if (!this.#sources.takeSignature(from.host)) {
      this.#context.drop('datagrams a second', from);
      return false;
    }
    const signed = proofBytes(nonce, this.#context.ownId, given);
    const genuine = peerIdOf(publicKey) === sender && this.#context.verify(publicKey, signed, signature);
    if (!genuine) this.#context.drop('wrong signature', from);
    return genuine;
  }

  #prove(
    receiver: Message<'proof'>['sender'],
    cookie: Uint8Array,
    nonce: Uint8Array,
    given: Uint8Array,
    to: Endpoint,
  ): void {
    const { identity, ownId } = this.#context;
    if (!this.#sources.takeSignature(to.host)) return this.#context.drop('datagrams a second', to);
    const signature = identity.sign(proofBytes(nonce, receiver, given));
    const body = { kind: 'proof', nonce, given, publicKey: identity.publicKey, signature } as const;
    this.#context.emit({ kind: 'send', bytes: encodeGossip({ sender: ownId, cookie }, body), to });
  }

  #admit({ sender, given: theirs }: Message<'proof'>, given: Uint8Array, from: Endpoint, by: ProvenBy): void {
    this.#probing.done(from);
    const before = this.#peers.at(from);
    if (before !== undefined && before.peer.peerId !== sender) this.#listener.replaced(before);
    const known = this.#peers.get(sender);
    const peer = known ?? new Peer(sender, this.#context.now);
    const session = this.#peers.attach(peer, from, given, theirs);
    this.#listener.proven(session, known === undefined, by);
  }
}

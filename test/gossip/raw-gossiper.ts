import { decodeGossip } from '../../src/gossip/codec/decode-gossip.ts';
import { encodeGossip, packItems } from '../../src/gossip/codec/encode-gossip.ts';
import { signStatement } from '../../src/gossip/codec/sign-statement.ts';
import { proofBytes } from '../../src/gossip/codec/verify-statement.ts';
import type { GossipLimits } from '../../src/gossip/engine/gossip-limits.ts';
import { Gossip } from '../../src/gossip/gossip.ts';
import type { GossipDrop, GossipEffect, GossipEvent } from '../../src/gossip/gossip-events.ts';
import type { GossipItem, GossipMessage } from '../../src/gossip/gossip-message.ts';
import type { Identity } from '../../src/gossip/identity.ts';
import type { SignedStatement, Summary } from '../../src/gossip/statement.ts';
import type { Sighting } from '../../src/holdings/sighting.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { fakeIdentity, verifyFake } from './fake-identity.ts';

const NO_COOKIE = new Uint8Array(8);
const PORT = 47_470;

/** What one engine does, and time for it. Everybody it talks to is a `RawGossiper`. */
export class Subject {
  readonly random = seededRandom(1);
  readonly identity = fakeIdentity(this.random);
  readonly gossip: Gossip;
  readonly effects: GossipEffect[] = [];
  now = 0;
  wakeAt = 0;

  constructor(limits: Partial<GossipLimits> = {}) {
    const { identity, random } = this;
    this.gossip = new Gossip({ identity, port: PORT, random, verify: verifyFake, limits });
    this.handle({ kind: 'wake' });
  }

  /** Returns the effects of this event alone. */
  handle(event: GossipEvent): readonly GossipEffect[] {
    const { effects, wakeAt } = this.gossip.handle(event, this.now);
    this.wakeAt = wakeAt;
    this.effects.push(...effects);
    return effects;
  }

  /** Wakes the engine whenever it wants to; returns what it does meanwhile. */
  advance(ms: number): readonly GossipEffect[] {
    const first = this.effects.length;
    const end = this.now + ms;
    while (this.wakeAt <= end) {
      this.now = Math.max(this.now, this.wakeAt);
      this.handle({ kind: 'wake' });
    }
    this.now = end;
    return this.effects.slice(first);
  }

  get drops(): GossipDrop[] {
    return this.effects.flatMap((effect) => (effect.kind === 'dropped' ? [effect.reason] : []));
  }

  get sightings(): Sighting[] {
    return this.effects.flatMap((effect) => (effect.kind === 'heard' ? [effect.sighting] : []));
  }
}

export function messagesTo(effects: readonly GossipEffect[], to: Endpoint): GossipMessage[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send' || effect.to.host !== to.host || effect.to.port !== to.port) return [];
    const message = decodeGossip(effect.bytes);
    if ('fault' in message) throw new Error(message.fault);
    return [message];
  });
}

export function itemsTo(effects: readonly GossipEffect[], to: Endpoint): GossipItem[] {
  return messagesTo(effects, to).flatMap((message) => (message.kind === 'items' ? message.items : []));
}

/** A node whose every datagram is written by hand, honest or not. */
export class RawGossiper {
  readonly subject: Subject;
  readonly identity: Identity;
  readonly endpoint: Endpoint;
  /** What the subject's datagrams to it carry. */
  readonly given = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  /** What its datagrams to the subject carry. */
  cookie: Uint8Array = NO_COOKIE;
  #version = 0;

  constructor(subject: Subject, host: string, identity = fakeIdentity(subject.random)) {
    this.subject = subject;
    this.identity = identity;
    this.endpoint = { host, port: PORT };
  }

  send(bytes: Uint8Array): readonly GossipEffect[] {
    return this.subject.handle({ kind: 'datagram', bytes, from: this.endpoint });
  }

  sendItems(...items: readonly GossipItem[]): readonly GossipEffect[] {
    const header = { sender: this.identity.peerId, cookie: this.cookie };
    return packItems(header, items).flatMap((bytes) => this.send(bytes));
  }

  sendStatement(statement: SignedStatement, provenAt?: Endpoint): readonly GossipEffect[] {
    return this.sendItems({ kind: 'statement', statement, provenAt });
  }

  probe(nonce = Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9)): readonly GossipEffect[] {
    const header = { sender: this.identity.peerId, cookie: NO_COOKIE };
    return this.send(encodeGossip(header, { kind: 'probe', nonce }));
  }

  /** A proof with its nonce, header cookie and whatever else is to be different. */
  proof(
    nonce: Uint8Array,
    changed: {
      readonly cookie?: Uint8Array;
      readonly signature?: Uint8Array;
      readonly sender?: Identity;
    } = {},
  ): Uint8Array {
    const { identity, given, subject } = this;
    const { cookie = nonce, sender = identity } = changed;
    const signature = changed.signature ?? identity.sign(proofBytes(nonce, subject.identity.peerId, given));
    const body = { kind: 'proof', nonce, given, publicKey: identity.publicKey, signature } as const;
    return encodeGossip({ sender: sender.peerId, cookie }, body);
  }

  /** Probes, and answers the subject's proof. */
  prove(): readonly GossipEffect[] {
    const [answer] = messagesTo(this.probe(), this.endpoint);
    if (answer?.kind !== 'proof') throw new Error('no proof came');
    this.cookie = answer.given;
    return this.send(this.proof(answer.given));
  }

  summary(changed: Partial<Summary> = {}): SignedStatement {
    const said = { kind: 'summary', peerId: this.identity.peerId, version: ++this.#version } as const;
    const summary = { ...said, port: PORT, contentCount: 0, interests: [], filter: new Uint8Array() };
    return signStatement(this.identity, { ...summary, ...changed });
  }

  leaving(version = ++this.#version): SignedStatement {
    return signStatement(this.identity, { kind: 'leave', peerId: this.identity.peerId, version });
  }

  /** Proves itself and is a member from now on. */
  join(changed: Partial<Summary> = {}): this {
    this.prove();
    this.sendStatement(this.summary(changed));
    return this;
  }

  /** Answers each ping among these effects, as a live node does. */
  answerPings(effects: readonly GossipEffect[]): void {
    for (const item of itemsTo(effects, this.endpoint))
      if (item.kind === 'ping') this.sendItems({ kind: 'ack', sequence: item.sequence });
  }
}

import type { Endpoint } from '../../platform/endpoint.ts';
import { isGenuine } from '../codec/verify-statement.ts';
import { shortIdOf } from '../gossip-message.ts';
import type { SignedStatement } from '../statement.ts';
import type { Context } from './context.ts';
import { hintFrom } from './hint.ts';
import type { Indexes } from './indexes.ts';
import type { Inquiries } from './inquiries.ts';
import type { Interests } from './interests.ts';
import type { LostPeers } from './lost-peers.ts';
import type { Membership } from './membership.ts';
import type { Peer, Session } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Probing } from './probing.ts';
import type { Rumours } from './rumours.ts';
import type { Sightings } from './sightings.ts';
import { isSigned } from './signed.ts';
import type { SourceLimits } from './source-limits.ts';
import type { Tombstones } from './tombstones.ts';
import type { WaitingPeers } from './waiting-peers.ts';

export interface HearsayParts {
  readonly peers: Peers;
  readonly membership: Membership;
  readonly indexes: Indexes;
  readonly interests: Interests;
  readonly inquiries: Inquiries;
  readonly rumours: Rumours;
  readonly sightings: Sightings;
  readonly sources: SourceLimits;
  readonly tombstones: Tombstones;
  readonly waiting: WaitingPeers;
  readonly lost: LostPeers;
  readonly probing: Probing;
}

/**
 * What members say, of themselves and of others. Old news cost a comparison; only what is new is checked, kept and
 * passed on, and only about peers that have proven themselves to us.
 */
export class Hearsay {
  readonly #context: Context;
  readonly #parts: HearsayParts;

  constructor(context: Context, parts: HearsayParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** `provenAt`: where the sender has proven that peer to be. */
  hear(signed: SignedStatement, provenAt: Endpoint | undefined, session: Session): void {
    const { peerId } = signed.statement;
    if (peerId === this.#context.ownId) return;
    const hint = hintFrom(provenAt, session.endpoint);
    const peer = this.#parts.peers.get(peerId);
    if (peer !== undefined) return this.#ofPeer(peer, signed, hint, session);
    if (this.#parts.tombstones.has(peerId)) return;
    if (this.#parts.lost.idOf(shortIdOf(peerId)) === peerId) this.#ofLost(signed, hint, session);
    else this.#ofStranger(signed, hint, session);
  }

  #ofPeer(peer: Peer, signed: SignedStatement, hint: Endpoint | undefined, session: Session): void {
    const { membership, rumours, indexes, sightings } = this.#parts;
    if (isSigned(signed, 'summary')) {
      if (signed.statement.version <= (peer.summary?.statement.version ?? -1)) return;
      if (!this.#isGenuine(signed, session) || !this.#isWithinRate(signed, session)) return;
      if (membership.adopt(peer, signed, session.peer)) this.#mayHaveMoved(peer, hint);
    } else if (isSigned(signed, 'leave')) {
      if (!this.#isGenuine(signed, session)) return;
      membership.left(peer, signed);
      rumours.spread(signed, session.peer);
    } else if (isSigned(signed, 'index', 'index end')) {
      if (!indexes.isNews(peer, signed) || !this.#isGenuine(signed, session)) return;
      if (!this.#isWithinRate(signed, session)) return;
      indexes.adopt(peer, signed);
      sightings.indexed(peer, signed.statement.infoHash);
      rumours.spread(signed, session.peer);
    }
  }

  /** Somebody reaches it at an address where we have not looked. */
  #mayHaveMoved(peer: Peer, hint: Endpoint | undefined): void {
    if (hint !== undefined && peer.sessionAt(hint) === undefined) this.#parts.probing.probe(hint, 'hint');
  }

  /** We get no answer from it, somebody else does. */
  #ofLost(signed: SignedStatement, hint: Endpoint | undefined, session: Session): void {
    const { lost, tombstones } = this.#parts;
    const { peerId } = signed.statement;
    if (!isSigned(signed, 'leave')) return lost.look(shortIdOf(peerId), hint);
    if (!this.#isGenuine(signed, session)) return;
    lost.forget(peerId);
    tombstones.set(signed);
  }

  /** It has to prove itself first: what is said of it waits, and we look for it. */
  #ofStranger(signed: SignedStatement, hint: Endpoint | undefined, session: Session): void {
    const { peers, waiting, tombstones } = this.#parts;
    const { peerId, version } = signed.statement;
    const isWaiting = waiting.isWaiting(peerId);
    if (isSigned(signed, 'leave')) {
      if (!isWaiting || !this.#isGenuine(signed, session)) return;
      waiting.take(peerId);
      tombstones.set(signed);
      return;
    }
    if ((hint === undefined && !isWaiting) || peers.pool.size >= this.#context.limits.peers) return;
    const summary = isSigned(signed, 'summary') ? signed : undefined;
    const isNews = !isWaiting || (summary !== undefined && version > waiting.version(peerId));
    if (isNews && !this.#isGenuine(signed, session)) return;
    if (isNews && !waiting.add(peerId, summary, session.peer)) return;
    if (hint !== undefined) this.#look(signed, hint);
  }

  #look(signed: SignedStatement, hint: Endpoint): void {
    const { waiting, inquiries, interests, probing } = this.#parts;
    const { statement } = signed;
    if (!waiting.hint(statement.peerId, hint)) return;
    const isWanted = isSigned(signed, 'summary')
      ? inquiries.concern(signed) || signed.statement.interests.some((one) => interests.wanted.has(one))
      : statement.kind === 'index' && interests.wanted.has(statement.infoHash);
    probing.probe(hint, isWanted ? 'wanted hint' : 'hint');
  }

  /** A peer that changes what it says all the time is not passed on as often; comparing brings what it said last. */
  #isWithinRate({ statement }: SignedStatement, { endpoint }: Session): boolean {
    const isWithin = this.#parts.sources.takeStatement(statement.peerId);
    if (!isWithin) this.#context.drop('statements a second', endpoint);
    return isWithin;
  }

  #isGenuine(signed: SignedStatement, { endpoint }: Session): boolean {
    const { sources } = this.#parts;
    if (!sources.takeSignature(endpoint.host)) {
      this.#context.drop('datagrams a second', endpoint);
      return false;
    }
    if (isGenuine(signed, this.#context.verify)) return true;
    sources.wrongSignature(endpoint.host);
    this.#context.drop('wrong signature', endpoint);
    return false;
  }
}

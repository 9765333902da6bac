import type { Holding, PeerId } from '../../holdings/holding.ts';
import type { Query } from '../../holdings/query.ts';
import { GOSSIP_LEAVE_FANOUT_EXTRA, MAX_GOSSIP_INTEREST_ASKS, MAX_GOSSIP_INTERESTS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { GossipEvent } from '../gossip-events.ts';
import type { GossipItem, Scope } from '../gossip-message.ts';
import type { Context } from './context.ts';
import { Handshake, type ProvenBy } from './handshake.ts';
import { assemble, type Parts } from './parts.ts';
import type { Peer, Session } from './peer.ts';
import { Reception } from './reception.ts';

/** A peer that has proven itself to us and says what it holds. */
export interface GossipMember {
  readonly peerId: PeerId;
  /** Where it has proven to be; the one that is used stands first. */
  readonly endpoints: readonly Endpoint[];
  /** Its TCP port, by its own word: that of its UDP may be another. */
  readonly port: number;
  /** `vouched`: it does not answer us, but others. */
  readonly state: 'alive' | 'suspect' | 'vouched';
}

export interface GossipCounts {
  readonly members: number;
  /** Peers that have proven themselves and hold nothing. */
  readonly observers: number;
  /** Peers that members have told of, and that have not proven themselves to us. */
  readonly waiting: number;
  /** Members that went silent and are looked for. */
  readonly lost: number;
  /** Statements about pieces that are kept. */
  readonly indexes: number;
  /** Addresses that are being asked who is there. */
  readonly probes: number;
}

/** The parts at work: each event, datagram and item goes to the part whose matter it is. */
export class Engine {
  readonly #context: Context;
  readonly #parts: Parts;
  readonly #reception: Reception;
  #holdings: readonly Holding[] = [];
  #queries: readonly Query[] = [];

  constructor(context: Context) {
    this.#context = context;
    this.#parts = assemble(context);
    const { peers, probing, sources, tombstones, membership } = this.#parts;
    const listener = {
      proven: (session: Session, isNew: boolean, by: ProvenBy) => this.#proven(session, isNew, by),
      replaced: (session: Session) => membership.replaced(session),
    };
    const handshake = new Handshake(context, { peers, probing, sources, tombstones, listener });
    const take = (items: readonly GossipItem[], session: Session) => this.#takeItems(items, session);
    this.#reception = new Reception(context, { peers, sources, handshake, take });
    // Nodes that were started together shall not go on in step.
    context.agenda.in(context.limits.roundMs * context.random.next(), () => this.#round());
  }

  get members(): readonly GossipMember[] {
    return this.#parts.peers.pool.items.flatMap((peer) => describe(peer) ?? []);
  }

  membersFor(query: Query): readonly GossipMember[] {
    return this.#parts.inquiries.mayAnswer(query).flatMap((peer) => describe(peer) ?? []);
  }

  get counts(): GossipCounts {
    const { peers, waiting, lost, indexes, probing } = this.#parts;
    return {
      members: peers.memberCount,
      observers: peers.pool.size - peers.memberCount,
      waiting: waiting.count,
      lost: lost.count,
      indexes: indexes.count,
      probes: probing.count,
    };
  }

  knows(node: Endpoint): boolean {
    return this.#parts.peers.at(node) !== undefined;
  }

  receive(bytes: Uint8Array, from: Endpoint): void {
    this.#reception.receive(bytes, from);
  }

  meet(node: Endpoint, how: 'named by the user' | 'heard'): void {
    const { named, peers, probing } = this.#parts;
    if (how === 'named by the user') named.add(node);
    else if (peers.at(node) === undefined) probing.probe(node, 'met');
  }

  hold(holdings: readonly Holding[]): void {
    this.#holdings = holdings;
    this.#updateOwn();
  }

  search(queries: readonly Query[]): void {
    this.#queries = queries;
    this.#parts.inquiries.update(queries);
    this.#updateOwn();
  }

  networkChanged(): void {
    this.#parts.probing.forgetSilence();
    this.#parts.lost.tryAllSoon();
    this.#parts.sweep.begin();
  }

  examined(event: Extract<GossipEvent, { kind: 'examined' }>): void {
    this.#parts.examinations.done(event);
  }

  examineMe(port: number): void {
    this.#parts.examinations.ask(port);
  }

  /** Says goodbye; an observer was never listed, and goes silently. */
  leave(): void {
    const { ownSummary, speaker, rumours, outbox } = this.#parts;
    if (ownSummary.said !== undefined) rumours.spreadNow(speaker.leave(), GOSSIP_LEAVE_FANOUT_EXTRA);
    outbox.flush();
  }

  flush(): void {
    this.#parts.outbox.flush();
  }

  #round(): void {
    const { agenda, roundMs, random } = this.#context;
    agenda.in(roundMs * (0.95 + 0.1 * random.next()), () => this.#round());
    const { repair, liveness, waiting, lost, sightings } = this.#parts;
    repair.newRound();
    waiting.round();
    liveness.round();
    lost.tryNext();
    sightings.round();
  }

  #proven({ peer }: Session, isNew: boolean, by: ProvenBy): void {
    const { waiting, lost, membership, liveness, greetings, sightings } = this.#parts;
    if (isNew) {
      liveness.added(peer);
      const known = [waiting.take(peer.peerId), lost.take(peer.peerId)];
      for (const summary of known) if (summary !== undefined) membership.adopt(peer, summary, undefined);
    } else sightings.proven(peer);
    greetings.greet(peer, by);
  }

  #updateOwn(): void {
    const { interests, ownSummary, ownIndexes } = this.#parts;
    const added = interests.want(interestsOf(this.#holdings, this.#queries));
    ownSummary.update({ holdings: this.#holdings, interests: [...interests.wanted] });
    ownIndexes.update(this.#holdings);
    for (const infoHash of added) {
      ownIndexes.reopened(infoHash);
      this.#askAbout(infoHash);
    }
  }

  /** Some of those who want it, too, know what we do not. */
  #askAbout(infoHash: InfoHash): void {
    const { interests, liveness } = this.#parts;
    const audience = interests.audience(infoHash);
    for (const peer of audience.sample(this.#context.random, MAX_GOSSIP_INTEREST_ASKS)) liveness.ping(peer);
  }

  #takeItems(items: readonly GossipItem[], session: Session): void {
    this.#parts.liveness.alive(session);
    this.#parts.vouching.alive(session.peer);
    this.#answerPings(items, session);
    for (const item of items) this.#takeItem(item, session);
  }

  /** With the first ack go the digests that the ping did not mention, or that we leave it to the sender to compare. */
  #answerPings(items: readonly GossipItem[], session: Session): void {
    const { repair, outbox } = this.#parts;
    const { peer } = session;
    const settled: Scope[] = [];
    for (const item of items) if (item.kind === 'root' && repair.onRoot(peer, item)) settled.push(item.scope);
    const acks = items.flatMap((item) =>
      item.kind === 'ping' ? [{ kind: 'ack', sequence: item.sequence } as const] : [],
    );
    if (acks.length > 0) outbox.answer(session, ...acks, ...repair.rootsBesides(peer, settled));
  }

  #takeItem(item: GossipItem, session: Session): void {
    const { repair, liveness, vouching, hearsay, examinations, peers } = this.#parts;
    const { peer } = session;
    switch (item.kind) {
      case 'ping':
      case 'root':
      case 'ack':
        // Pings and roots are answered together; an ack is a sign of life, as every datagram.
        return;
      case 'buckets':
        return repair.onBuckets(peer, item);
      case 'entries':
        return repair.onEntries(peer, item);
      case 'want':
        return repair.onWant(peer, item);
      case 'statement':
        return hearsay.hear(item.statement, item.provenAt, session);
      case 'ask':
        return vouching.onAsk(item, session);
      case 'vouch':
        return liveness.onVouch(item, peer);
      case 'unreachable':
        return liveness.onUnreachable(peers.get(item.target));
      case 'examine':
        return examinations.onExamine(item, session);
      case 'examined':
        return examinations.onExamined(item, session);
    }
  }
}

/** What is held in part, and what is searched for by its hash. */
function interestsOf(holdings: readonly Holding[], queries: readonly Query[]): readonly InfoHash[] {
  const interests = new Set<InfoHash>();
  for (const { infoHash, pieces, pieceCount } of holdings)
    if (pieces.kind === 'some' && pieces.count < pieceCount) interests.add(infoHash);
  for (const query of queries) if (query.kind === 'infoHash') interests.add(query.infoHash);
  return [...interests].slice(0, MAX_GOSSIP_INTERESTS);
}

function describe({ peerId, sessions, summary, doubt }: Peer): GossipMember | undefined {
  if (summary === undefined) return undefined;
  const endpoints = sessions.map(({ endpoint }) => endpoint);
  const { port } = summary.statement;
  if (doubt?.stage !== 'suspect') return { peerId, endpoints, port, state: 'alive' };
  return { peerId, endpoints, port, state: doubt.vouchedAt === undefined ? 'suspect' : 'vouched' };
}

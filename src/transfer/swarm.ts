import { asLanshareError } from '../errors.ts';
import type { PeerId } from '../holdings/holding.ts';
import { Standings } from '../holdings/standing.ts';
import type { Dialect, Introduction, Welcome } from '../peer/link-setup.ts';
import type { LinkClosed, LinkHandler, PeerLink } from '../peer/peer-link.ts';
import { SentPieces } from '../peer/sent-pieces.ts';
import type { Timer } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import { admit } from './admission.ts';
import { Description } from './description.ts';
import { type Dialed, Dialing } from './dialing.ts';
import { Exchange } from './exchange.ts';
import { type KnownHolder, KnownHolders } from './known-holders.ts';
import type { Prospect } from './lacking.ts';
import { PeerExchange } from './peer-exchange.ts';
import { PeerSession } from './peer-session.ts';
import { ReadGate } from './read-gate.ts';
import { endSlowLinks } from './second-links.ts';
import { sessionHandler } from './session-handler.ts';
import { stalledAfter } from './stalls.ts';
import type { SwarmOptions } from './swarm-options.ts';
import { TransferCounters } from './transfer-counters.ts';

export type { PeerChange, SwarmEvents, SwarmOptions } from './swarm-options.ts';

type Phase =
  /** Until the metainfo is known and there is a store. */
  | { readonly name: 'describing' }
  | { readonly name: 'active'; readonly store: ContentStore; readonly exchange: Exchange }
  | { readonly name: 'closed' };

const TICK_MS = 250;

/** All peers of one content, as this node sees them: links, addresses to dial, and what passes between. */
export class Swarm {
  readonly counters: TransferCounters;
  /** How the last link or dial ended that did not end well, in words; for the message when nobody is left. */
  lastTrouble: string | undefined;
  readonly #options: SwarmOptions;
  readonly #sessions = new Set<PeerSession>();
  readonly #holders = new KnownHolders();
  readonly #standings = new Standings();
  readonly #description: Description;
  readonly #dialing: Dialing;
  readonly #gate: ReadGate;
  readonly #sent = new SentPieces();
  readonly #peerExchange = new PeerExchange();
  /** Undefined while nothing depends on time: a host may share thousands of contents that nobody asks for. */
  #ticking: Timer | undefined;
  #phase: Phase = { name: 'describing' };

  constructor(options: SwarmOptions) {
    const { clock, downloadLimit, infoHash, events } = options;
    this.#options = options;
    this.counters = new TransferCounters(clock.now());
    this.#gate = new ReadGate(clock, downloadLimit, this.#sessions);
    this.#description = new Description({
      infoHash,
      sessions: this.#sessions,
      onMetainfo: (metainfo) => events.onMetainfo(metainfo),
      onFault: (error) => events.onFault(error),
    });
    this.#dialing = new Dialing({
      ...options,
      standings: this.#standings,
      sessions: this.#sessions,
      wantsPeers: () => !this.complete,
      prospects: () => this.#prospects(),
      isAlive: (session) => {
        const now = clock.now();
        return !session.isQuiet(now, this.#gate.readingSince(now));
      },
      metainfoSize: () => this.#description.bytes?.length,
      welcome: (link, introduction, dialed) => this.welcome(link, introduction, dialed),
      onUnreachable: (peerId) => this.#onUnreachable(peerId),
      onTrouble: (endpoint, reason) => this.#remember(endpoint, reason),
      onRefused: (endpoint, peerId, reason) => events.onPeer({ peerId, endpoint, state: 'refused', reason }),
    });
    this.#tickLater();
  }

  get sessions(): ReadonlySet<PeerSession> {
    return this.#sessions;
  }

  /** Linked peers; one may have two links. */
  get peerCount(): number {
    return new Set([...this.#sessions].map(({ link }) => link.peerId)).size;
  }

  get complete(): boolean {
    return this.#phase.name === 'active' && this.#phase.store.have.complete;
  }

  /** BEP 27, as far as the metainfo is known. */
  get isPrivate(): boolean {
    return this.#phase.name === 'active' && this.#phase.store.metainfo.private;
  }

  get piecesHeld(): number {
    return this.#phase.name === 'active' ? this.#phase.store.have.count : 0;
  }

  /** Bytes that are still to come; more than 0 as long as nobody has said how many there are. */
  get bytesLeft(): number {
    if (this.#phase.name !== 'active') return 1;
    const { have, metainfo } = this.#phase.store;
    return have.complete ? 0 : Math.max(1, metainfo.length - have.count * metainfo.pieceLength);
  }

  /** A linked peer has what we lack and has not given us a turn yet, or we ourselves stopped reading. */
  get waitsItsTurn(): boolean {
    if (this.#gate.closed) return true;
    for (const session of this.#sessions) if (session.amInterested && session.choking) return true;
    return false;
  }

  /** Somebody at this address may have the content. */
  learn(endpoint: Endpoint, peerId: PeerId | undefined, dialect: Dialect = 'lan'): void {
    if (peerId === this.#options.local.peerId) return;
    this.#dialing.learn(endpoint, peerId, dialect);
  }

  /**
   * A peer holds (part of) the content, by its own word: where it is, and which pieces it has now. To be called
   * again whenever one of the two changes.
   */
  heard(holder: KnownHolder): void {
    const { peerId, addresses } = holder;
    if (peerId === this.#options.local.peerId) return;
    this.#holders.hear(holder);
    this.#announced(peerId);
    for (const endpoint of addresses) this.learn(endpoint, peerId);
  }

  /** The peer said goodbye, or holds nothing of the content any more. */
  forget(peerId: PeerId): void {
    this.#holders.forget(peerId);
    this.#announced(peerId);
    this.#dialing.book.forget(peerId);
  }

  /**
   * Our own addresses have changed; these are all there are now, without scopes. Links that end at one that is gone are dead, though nothing will say so for a
   * long time; what could not be reached before may be within reach now.
   */
  networkChanged(ownAddresses: ReadonlySet<string>): void {
    for (const { link } of [...this.#sessions]) {
      const [address = ''] = link.local.host.split('%');
      if (!ownAddresses.has(address)) link.drop(`our address ${address} is gone`);
    }
    this.#dialing.tryAll();
  }

  /** The metainfo is known and the store is open: pieces can be exchanged. */
  activate(store: ContentStore): void {
    if (this.#phase.name !== 'describing') return;
    const { order, choking, clock, random, check, events } = this.#options;
    const exchange = new Exchange({
      store,
      order,
      choking,
      clock,
      random,
      check,
      sessions: this.#sessions,
      standings: this.#standings,
      counters: this.counters,
      gate: this.#gate,
      onPiece: (index) => events.onPiece(index),
      onComplete: () => events.onComplete(),
      onCorrupt: (session, text) => this.#ban(session, text),
      onFault: (error) => events.onFault(error),
    });
    this.#phase = { name: 'active', store, exchange };
    this.#description.given(store.metainfo.infoBytes);
    for (const peerId of this.#holders.peerIds()) this.#announced(peerId);
    for (const session of [...this.#sessions]) this.#guarded(session, () => exchange.join(session));
  }

  /** A peer has said who it is, on a link that it or we opened. */
  welcome(link: PeerLink, introduction: Introduction, expected?: Dialed): Welcome {
    if (this.#phase.name === 'closed')
      return { kind: 'refused', reason: 'closing', text: 'the transfer is over' };
    const { infoHash, local, clock, uploadLimit } = this.#options;
    const now = clock.now();
    const { peerId, port } = introduction;
    const second = expected?.second ?? introduction.second;
    const admission = admit(
      { introduction: { ...introduction, second }, link, expected },
      {
        infoHash,
        localPeerId: local.peerId,
        banned: this.#dialing.book.isBanned(peerId),
        existing: [...this.#sessions].filter((session) => session.link.peerId === peerId),
        readingSince: this.#gate.readingSince(now),
        now,
      },
    );
    if (admission.kind === 'refused') return admission;
    const standing = this.#standings.of(peerId);
    const session = new PeerSession(link, { standing, second, pieceCount: this.#pieceCount(), now });
    if (admission.kind === 'replaces') this.#replace(admission.existing, session);
    const endpoint = expected?.endpoint ?? { host: link.remote.host, port };
    return {
      kind: 'accepted',
      handler: this.#handler(session, endpoint),
      uploadLimit,
      sent: this.#sent,
      metainfoSize: this.#description.bytes?.length,
      opened: () => this.#opened(session, endpoint),
    };
  }

  /** Closes every link; resolves when what has arrived is written. The store stays open. */
  async close(reason: 'closing' | 'withdrawn' = 'closing'): Promise<void> {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed' };
    this.#ticking?.cancel();
    this.#gate.stop();
    this.#dialing.close();
    for (const session of [...this.#sessions]) session.link.close(reason);
    if (phase.name === 'active') await phase.exchange.stop();
  }

  // ---- links ---------------------------------------------------------------------------------------------

  #opened(session: PeerSession, endpoint: Endpoint): void {
    const { peerId } = session.link;
    this.#sessions.add(session);
    if (endpoint.port !== 0) session.listensAt = endpoint;
    this.#tickLater();
    this.#gate.onJoined(session);
    if (endpoint.port !== 0) {
      this.#dialing.book.learn(endpoint, peerId, this.#options.clock.now());
      this.#dialing.book.linked(endpoint, peerId);
    }
    // Where both have dialled, both must come to the same answer: `admit` gives it.
    if (session.link.dialed) this.#dialing.settled(peerId);
    this.#options.events.onPeer({ peerId, endpoint, state: 'connected', reason: undefined });
    this.#guarded(session, () => {
      if (this.#phase.name === 'active') this.#phase.exchange.join(session);
      else this.#description.ask(session, this.#options.clock.now());
    });
  }

  /**
   * Both have dialled, and theirs counts. But a listener that is slow may be answering a dial that was given up long
   * ago: it keeps the link that it has until something comes over the new one.
   */
  #replace(existing: PeerSession, session: PeerSession): void {
    if (existing.link.dialed && !session.link.dialed) session.replaces = existing;
    else existing.link.close('duplicate link');
  }

  #closed(session: PeerSession, endpoint: Endpoint, closed: LinkClosed): void {
    const { peerId } = session.link;
    this.#sessions.delete(session);
    if (this.#phase.name === 'active') this.#phase.exchange.leave(session);
    this.#description.onClosed(session);
    this.#peerExchange.onClosed(session);
    const banned = closed.by === 'us' && closed.reason === 'banned';
    if (banned) this.#dialing.book.ban(endpoint, peerId);
    else this.#dialing.linkEnded(session, endpoint, this.counters.contributors.has(peerId));
    this.#remember(endpoint, closed.text);
    this.#options.events.onPeer({
      peerId,
      endpoint,
      state: banned ? 'banned' : 'disconnected',
      reason: closed.text,
    });
    this.#askForMetainfo();
    this.#dialing.dialDue();
  }

  #ban(session: PeerSession, text: string): void {
    this.#options.logger.warn({ remote: formatEndpoint(session.link.remote), text }, 'peer banned');
    session.link.close('banned', text);
  }

  #handler(session: PeerSession, endpoint: Endpoint): LinkHandler {
    return sessionHandler(session, {
      clock: this.#options.clock,
      counters: this.counters,
      gate: this.#gate,
      exchange: () => (this.#phase.name === 'active' ? this.#phase.exchange : undefined),
      onMetainfoOffer: () => this.#askForMetainfo(),
      onPeersExchanged: (peers) => {
        // BEP 27: the peers of a private torrent come from its trackers alone.
        if (this.#isPublic) for (const peer of peers) this.learn(peer, undefined, 'bittorrent');
      },
      onMetainfo: (offset, bytes) =>
        this.#description.onSlice(session, offset, bytes, this.#options.clock.now()),
      metainfoBytes: () => this.#description.bytes,
      onSourceFault: (error) => this.#options.events.onSourceFault(asLanshareError(error)),
      onClosed: (closed) => this.#closed(session, endpoint, closed),
    });
  }

  /** What a peer's message leads to may break the protocol only now, when it can be judged. */
  #guarded(session: PeerSession, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      session.link.close(error.reason, error.message);
    }
  }

  #askForMetainfo(): void {
    if (this.#phase.name !== 'describing') return;
    const now = this.#options.clock.now();
    for (const session of [...this.#sessions])
      this.#guarded(session, () => this.#description.ask(session, now));
  }

  #pieceCount(): number {
    return this.#phase.name === 'active' ? this.#phase.store.metainfo.pieceCount : 0;
  }

  // ---- what others hold ----------------------------------------------------------------------------------

  #announced(peerId: PeerId): void {
    if (this.#phase.name !== 'active') return;
    const { store, exchange } = this.#phase;
    exchange.announced(peerId, this.#holders.announced(peerId, store.metainfo.pieceCount));
  }

  #prospects(): (peerId: PeerId | undefined) => Prospect {
    if (this.#phase.name !== 'active') return () => ({ kind: 'unknown' });
    const { lacking } = this.#phase.exchange;
    const { pieceCount } = this.#phase.store.metainfo;
    lacking.update();
    return (peerId) =>
      lacking.prospect(peerId === undefined ? undefined : this.#holders.announced(peerId, pieceCount));
  }

  #onUnreachable(peerId: PeerId): void {
    this.#standings.of(peerId).failed('unreachable');
    if (this.#phase.name === 'active') this.#phase.exchange.reconsider(peerId);
  }

  // ---- time ----------------------------------------------------------------------------------------------

  #tickLater(): void {
    const isNeeded = this.#sessions.size > 0 || !this.complete;
    if (!isNeeded || this.#phase.name === 'closed') return;
    this.#ticking ??= this.#options.clock.setTimer(TICK_MS, () => {
      this.#ticking = undefined;
      this.#tick();
      this.#tickLater();
    });
  }

  #tick(): void {
    const now = this.#options.clock.now();
    for (const session of [...this.#sessions]) {
      this.#endIfStalled(session, now);
      if (session.link.readsNothing)
        session.link.close('stalled', 'the peer does not read what it asked for');
    }
    if (this.#phase.name === 'active') {
      this.#phase.exchange.tick(now);
      if (!this.complete) endSlowLinks(this.#sessions, now);
      if (this.#isPublic) this.#peerExchange.tick(this.#sessions, now);
    }
    this.#dialing.dialDue();
  }

  #endIfStalled(session: PeerSession, now: number): void {
    const stalledMs = this.#stalledAfter(session, now);
    if (stalledMs === undefined) return;
    if (this.#phase.name === 'active') this.#phase.exchange.failed(session, 'stalled');
    session.link.close('stalled', `nothing came for ${stalledMs / 1000} s`);
  }

  #stalledAfter(session: PeerSession, now: number): number | undefined {
    if (this.#phase.name !== 'active') return this.#description.stalledAfter(session, this.#gate, now);
    const { exchange } = this.#phase;
    const isReplaceable = (one: PeerSession): boolean => exchange.isReplaceable(one);
    return stalledAfter(session, { gate: this.#gate, isReplaceable }, now);
  }

  get #isPublic(): boolean {
    return this.#phase.name === 'active' && !this.isPrivate;
  }

  #remember(endpoint: Endpoint, text: string): void {
    this.lastTrouble = `${formatEndpoint(endpoint)}: ${text}`;
  }
}

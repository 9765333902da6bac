import { asLanshareError } from '../errors.ts';
import type { PeerId } from '../holdings/holding.ts';
import { Standings } from '../holdings/standing.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Dialect, Introduction, Welcome } from '../peer/link-setup.ts';
import type { LinkClosed, LinkHandler, PeerLink } from '../peer/peer-link.ts';
import { SentPieces } from '../peer/sent-pieces.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { admit } from './admission.ts';
import { Description } from './description.ts';
import { type Dialed, Dialing } from './dialing.ts';
import { Exchange } from './exchange.ts';
import { SWARM_RULES } from './exchange-rules.ts';
import { guarded } from './guarded.ts';
import { type KnownHolder, KnownHolders } from './known-holders.ts';
import { PeerExchange } from './peer-exchange.ts';
import { PeerSession } from './peer-session.ts';
import { judgedByHashes } from './piece-judge.ts';
import { prospectsOf } from './prospects.ts';
import { ReadGate } from './read-gate.ts';
import { sessionHandler } from './session-handler.ts';
import type { SwarmOptions } from './swarm-options.ts';
import { SwarmState } from './swarm-state.ts';
import { Ticking } from './ticking.ts';
import { TransferCounters } from './transfer-counters.ts';

export type { PeerChange, SwarmEvents, SwarmOptions } from './swarm-options.ts';

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
  readonly #state: SwarmState;
  readonly #ticking: Ticking;

  constructor(options: SwarmOptions) {
    const { clock, downloadLimit, infoHash, events } = options;
    this.#options = options;
    this.#state = new SwarmState(infoHash);
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
      prospects: () => prospectsOf(this.#state, this.#holders),
      isAlive: (session) => {
        const now = clock.now();
        return !session.isQuiet(now, this.#gate.readingSince(now));
      },
      metainfoSize: () => this.#description.bytes?.length,
      v2Name: () => this.#state.v2Name,
      welcome: (link, introduction, dialed) => this.welcome(link, introduction, dialed),
      onUnreachable: (peerId) => this.#onUnreachable(peerId),
      onTrouble: (endpoint, reason) => this.#remember(endpoint, reason),
      onRefused: (endpoint, peerId, reason) => events.onPeer({ peerId, endpoint, state: 'refused', reason }),
    });
    this.#ticking = new Ticking({
      clock,
      state: this.#state,
      sessions: this.#sessions,
      gate: this.#gate,
      description: this.#description,
      peerExchange: this.#peerExchange,
      onTick: () => {
        this.#askForMetainfo();
        this.#dialing.dialDue();
      },
    });
    this.#ticking.start();
  }

  get sessions(): ReadonlySet<PeerSession> {
    return this.#sessions;
  }

  /** Whether a peer that wants this means this content: a hybrid has two names (BEP 52). */
  isNamed(infoHash: InfoHash): boolean {
    return this.#state.isNamed(infoHash);
  }

  /** Linked peers; one may have two links. */
  get peerCount(): number {
    return new Set([...this.#sessions].map(({ link }) => link.peerId)).size;
  }

  /** All that is wanted is here; of a choice of files that is less than the whole. */
  get complete(): boolean {
    return this.#state.complete;
  }

  /** BEP 27, as far as the metainfo is known. */
  get isPrivate(): boolean {
    return this.#state.isPrivate;
  }

  get piecesHeld(): number {
    return this.#state.active?.store.have.count ?? 0;
  }

  /** Bytes of the whole content that are not here; more than 0 as long as nobody has said how many there are. */
  get bytesLeft(): number {
    return this.#state.bytesLeft;
  }

  /** A linked peer has what we lack and has not given us a turn yet, or we ourselves stopped reading. */
  get waitsItsTurn(): boolean {
    if (this.#gate.closed) return true;
    for (const session of this.#sessions) if (session.amInterested && session.choking) return true;
    return false;
  }

  /** Somebody at this address may have the content, and knows it as `infoHash` where that is given. */
  learn(endpoint: Endpoint, peerId: PeerId | undefined, dialect: Dialect = 'lan', infoHash?: InfoHash): void {
    if (peerId === this.#options.local.peerId) return;
    this.#dialing.learn(endpoint, peerId, dialect, infoHash);
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
    if (this.#state.name !== 'describing') return;
    const { order, choking, clock, random, check, events } = this.#options;
    const exchange = new Exchange({
      store,
      order,
      choking,
      clock,
      random,
      rules: SWARM_RULES,
      judge: judgedByHashes(check),
      sessions: this.#sessions,
      standings: this.#standings,
      counters: this.counters,
      gate: this.#gate,
      onPiece: (index) => events.onPiece(index),
      onComplete: () => events.onComplete(),
      onCorrupt: (session, text) => this.#ban(session, text),
      onFault: (error) => events.onFault(error),
    });
    this.#state.activate(store, exchange);
    this.#description.given(store.metainfo.infoBytes);
    for (const peerId of this.#holders.peerIds()) this.#announced(peerId);
    for (const session of [...this.#sessions]) guarded(session, () => exchange.join(session));
  }

  /** A peer has said who it is, on a link that it or we opened. */
  welcome(link: PeerLink, introduction: Introduction, expected?: Dialed): Welcome {
    if (this.#state.name === 'closed')
      return { kind: 'refused', reason: 'closing', text: 'the transfer is over' };
    const { local, clock, uploadLimit } = this.#options;
    const now = clock.now();
    const { peerId, port } = introduction;
    const second = expected?.second ?? introduction.second;
    const admission = admit(
      { introduction: { ...introduction, second }, link, expected },
      {
        isNamed: this.isNamed(introduction.infoHash),
        localPeerId: local.peerId,
        banned: this.#dialing.book.isBanned(peerId),
        existing: [...this.#sessions].filter((session) => session.link.peerId === peerId),
        readingSince: this.#gate.readingSince(now),
        now,
      },
    );
    if (admission.kind === 'refused') return admission;
    const standing = this.#standings.of(peerId);
    const session = new PeerSession(link, { standing, second, pieceCount: this.#state.pieceCount, now });
    if (admission.kind === 'replaces') this.#replace(admission.existing, session);
    const endpoint = expected?.endpoint ?? { host: link.remote.host, port };
    return {
      kind: 'accepted',
      handler: this.#handler(session, endpoint),
      uploadLimit,
      sent: this.#sent,
      metainfoSize: this.#description.bytes?.length,
      v2Name: this.#state.v2Name,
      opened: () => this.#opened(session, endpoint),
    };
  }

  /** Nobody begins another piece here from now on. Returns whether anybody is still in the middle of one. */
  finishUploads(): boolean {
    return this.#state.exchange?.finishUploads(this.#options.clock.now()) ?? false;
  }

  /** Closes every link; resolves when what has arrived is written. The store stays open. */
  async close(reason: 'closing' | 'withdrawn' = 'closing'): Promise<void> {
    if (this.#state.name === 'closed') return;
    const { exchange } = this.#state;
    this.#state.close();
    this.#ticking.stop();
    this.#gate.stop();
    this.#dialing.close();
    for (const session of [...this.#sessions]) session.link.close(reason);
    await exchange?.stop();
  }

  // ---- links ---------------------------------------------------------------------------------------------

  #opened(session: PeerSession, endpoint: Endpoint): void {
    const { peerId } = session.link;
    this.#sessions.add(session);
    if (endpoint.port !== 0) session.listensAt = endpoint;
    this.#ticking.start();
    this.#gate.onJoined(session);
    if (endpoint.port !== 0) {
      this.#dialing.book.learn(endpoint, peerId, this.#options.clock.now());
      this.#dialing.book.linked(endpoint, peerId);
    }
    // Where both have dialled, both must come to the same answer: `admit` gives it.
    if (session.link.dialed) this.#dialing.settled(peerId);
    this.#options.events.onPeer({ peerId, endpoint, state: 'connected', reason: undefined });
    guarded(session, () => {
      const { exchange } = this.#state;
      if (exchange !== undefined) exchange.join(session);
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
    this.#state.exchange?.leave(session);
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
      exchange: () => this.#state.exchange,
      onMetainfoOffer: () => this.#askForMetainfo(),
      onPeersExchanged: (peers) => {
        // BEP 27: the peers of a private torrent come from its trackers alone.
        if (this.#state.isPublic) for (const peer of peers) this.learn(peer, undefined, 'bittorrent');
      },
      onMetainfo: (offset, bytes) =>
        this.#description.onSlice(session, offset, bytes, this.#options.clock.now()),
      metainfoBytes: () => this.#description.bytes,
      metainfo: () => this.#state.metainfo,
      onHashes: (place, hashes) =>
        this.#description.onHashes(session, place, hashes, this.#options.clock.now()),
      onHashReject: (place) => this.#description.onHashReject(session, place, this.#options.clock.now()),
      onSourceFault: (error) => this.#options.events.onSourceFault(asLanshareError(error)),
      onClosed: (closed) => this.#closed(session, endpoint, closed),
    });
  }

  #askForMetainfo(): void {
    if (this.#state.name !== 'describing') return;
    const now = this.#options.clock.now();
    for (const session of [...this.#sessions]) guarded(session, () => this.#description.ask(session, now));
  }

  // ---- what others hold ----------------------------------------------------------------------------------

  #announced(peerId: PeerId): void {
    this.#state.exchange?.announced(peerId, this.#holders.announced(peerId, this.#state.pieceCount));
  }

  #onUnreachable(peerId: PeerId): void {
    this.#standings.of(peerId).failed('unreachable');
    this.#state.exchange?.reconsider(peerId);
  }

  #remember(endpoint: Endpoint, text: string): void {
    this.lastTrouble = `${formatEndpoint(endpoint)}: ${text}`;
  }
}

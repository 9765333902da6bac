import { asLanshareError, type LanshareError } from '../errors.ts';
import type { PeerId } from '../holdings/holding.ts';
import {
  DIAL_TIMEOUT_MS,
  DUPLICATE_QUIET_MS,
  MAX_DIALED_LINKS,
  MAX_DIALS_AT_ONCE,
  MAX_PIECES,
  STALL_TIMEOUT_MS,
} from '../limits.ts';
import type { InfoHash, Metainfo, PieceIndex } from '../metainfo/metainfo.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import type { BufferPool } from '../peer/buffer-pool.ts';
import { type LanLink, type LocalPeer, openLanLink, type Welcome } from '../peer/lan-link.ts';
import type { LinkClosed, LinkHandler } from '../peer/peer-link.ts';
import { SentPieces } from '../peer/sent-pieces.ts';
import type { PickOrder } from '../pieces/picker.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import { type Clock, repeat, type Timer } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import { formatEndpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Connection, Network } from '../platform/network.ts';
import type { Random } from '../platform/random.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { type Hello, ProtocolError } from '../wire/lan/message.ts';
import type { DownloaderOptions } from './downloader.ts';
import { type ChokingSettings, Exchange } from './exchange.ts';
import { MetainfoExchange } from './metainfo-exchange.ts';
import { type Candidate, PeerBook } from './peer-book.ts';
import { PeerSession } from './peer-session.ts';
import { ReadGate } from './read-gate.ts';
import { TransferCounters } from './transfer-counters.ts';

export interface SwarmOptions {
  readonly infoHash: InfoHash;
  readonly local: LocalPeer;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  readonly order: PickOrder;
  readonly choking: ChokingSettings;
  /** May be shared with other swarms. */
  readonly uploadLimit: TokenBucket;
  readonly downloadLimit: TokenBucket;
  check: DownloaderOptions['check'];
  readonly events: SwarmEvents;
}

export interface SwarmEvents {
  /** The metainfo came from a peer and matches the info-hash: open a store and `activate` it. */
  onMetainfo(metainfo: Metainfo): void;
  /** A matching info dictionary that cannot be used, or a store that cannot take pieces. The transfer cannot go on. */
  onFault(error: LanshareError): void;
  onPiece(index: PieceIndex): void;
  onComplete(): void;
  /** What is served could not be read, or is not what was hashed. */
  onSourceFault(error: LanshareError): void;
  onPeer(change: PeerChange): void;
}

export interface PeerChange {
  readonly peerId: PeerId | undefined;
  readonly endpoint: Endpoint;
  readonly state: 'connected' | 'disconnected' | 'refused' | 'banned';
  readonly reason: string | undefined;
}

type Phase =
  | { readonly name: 'describing'; readonly metainfo: MetainfoExchange }
  | { readonly name: 'described'; readonly bytes: Uint8Array }
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
  /** Dialled, and not welcome yet. */
  readonly #opening = new Set<Connection>();
  readonly #book = new PeerBook();
  readonly #gate: ReadGate;
  readonly #sent = new SentPieces();
  readonly #closing = new AbortController();
  readonly #ticking: Timer;
  #phase: Phase;

  constructor(options: SwarmOptions) {
    const now = options.clock.now();
    this.#options = options;
    this.counters = new TransferCounters(now);
    this.#gate = new ReadGate(options.clock, options.downloadLimit, this.#sessions);
    this.#phase = { name: 'describing', metainfo: new MetainfoExchange(options.infoHash) };
    this.#ticking = repeat(options.clock, TICK_MS, () => this.#tick());
  }

  get sessions(): ReadonlySet<PeerSession> {
    return this.#sessions;
  }

  get complete(): boolean {
    return this.#phase.name === 'active' && this.#phase.store.have.complete;
  }

  /** A linked peer has what we lack and has not given us a turn yet, or we ourselves stopped reading. */
  get waitsItsTurn(): boolean {
    if (this.#gate.closed) return true;
    for (const session of this.#sessions) if (session.amInterested && session.choking) return true;
    return false;
  }

  /** Somebody at this address may have the content. */
  learn(endpoint: Endpoint, peerId: PeerId | undefined): void {
    if (peerId === this.#options.local.peerId) return;
    this.#book.learn(endpoint, peerId, this.#options.clock.now());
    this.#dialDue();
  }

  /** The peer said goodbye. */
  forget(peerId: PeerId): void {
    this.#book.forget(peerId);
  }

  /** The metainfo is known and the store is open: pieces can be exchanged. */
  activate(store: ContentStore): void {
    if (this.#phase.name === 'closed' || this.#phase.name === 'active') return;
    const { order, choking, clock, random, check, events } = this.#options;
    const exchange = new Exchange({
      store,
      order,
      choking,
      clock,
      random,
      check,
      sessions: this.#sessions,
      counters: this.counters,
      gate: this.#gate,
      onPiece: (index) => events.onPiece(index),
      onComplete: () => events.onComplete(),
      onCorrupt: (session, text) => this.#ban(session, text),
      onFault: (error) => events.onFault(error),
    });
    this.#phase = { name: 'active', store, exchange };
    for (const session of [...this.#sessions]) this.#guarded(session, () => exchange.join(session));
  }

  /** May a peer with this hello link with us? Listener and dialler ask the same. */
  welcome(link: LanLink, hello: Hello, dialed?: Candidate): Welcome {
    const refusal = this.#refusal(link, hello, dialed);
    if (refusal !== undefined) return refusal;
    const session = new PeerSession(link, this.#pieceCount(), this.#options.clock.now());
    const endpoint = dialed?.endpoint ?? { host: link.remote.host, port: hello.port };
    return {
      kind: 'accepted',
      handler: this.#handler(session, endpoint),
      uploadLimit: this.#options.uploadLimit,
      sent: this.#sent,
      metainfoSize: this.#metainfoBytes()?.length,
      opened: () => this.#opened(session, endpoint),
    };
  }

  /** Closes every link; resolves when what has arrived is written. The store stays open. */
  async close(reason: 'closing' | 'withdrawn' = 'closing'): Promise<void> {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed' };
    this.#closing.abort();
    this.#ticking.cancel();
    this.#gate.stop();
    for (const connection of this.#opening) connection.destroy();
    for (const session of [...this.#sessions]) session.link.close(reason);
    if (phase.name === 'active') await phase.exchange.stop();
  }

  // ---- links ---------------------------------------------------------------------------------------------

  #refusal(link: LanLink, hello: Hello, dialed: Candidate | undefined): Welcome | undefined {
    const refused = (reason: Extract<Welcome, { kind: 'refused' }>['reason'], text: string): Welcome => ({
      kind: 'refused',
      reason,
      text,
    });
    if (this.#phase.name === 'closed') return refused('closing', 'the transfer is over');
    if (hello.infoHash !== this.#options.infoHash)
      return refused('unknown content', 'the peer is about another content');
    if (this.#book.isBanned(hello.peerId)) return refused('banned', 'the peer sent corrupt data before');
    if (dialed?.peerId !== undefined && dialed.peerId !== hello.peerId) {
      return refused('wrong peer id', 'somebody else answers at this address');
    }
    const existing = [...this.#sessions].find((session) => session.link.peerId === hello.peerId);
    if (existing === undefined) return undefined;
    // After an outage the peer may have given up a link that still looks alive from here.
    const quietMs = this.#options.clock.now() - existing.lastReceivedAt;
    const givenUp = existing.link.dialed === link.dialed && quietMs > DUPLICATE_QUIET_MS;
    // Both dialled at once: both sides keep the link that the lower peer id dialled.
    const weDial = this.#options.local.peerId < hello.peerId;
    if (!givenUp && (existing.link.dialed === weDial || link.dialed !== weDial))
      return refused('duplicate link', 'already linked');
    existing.link.close('duplicate link');
    return undefined;
  }

  #opened(session: PeerSession, endpoint: Endpoint): void {
    const { peerId } = session.link;
    this.#sessions.add(session);
    this.#gate.onJoined(session);
    if (endpoint.port !== 0) {
      this.#book.learn(endpoint, peerId, this.#options.clock.now());
      this.#book.linked(endpoint, peerId);
    }
    this.#options.events.onPeer({ peerId, endpoint, state: 'connected', reason: undefined });
    this.#guarded(session, () => {
      if (this.#phase.name === 'active') this.#phase.exchange.join(session);
      else if (this.#phase.name === 'describing') {
        this.#phase.metainfo.offer(session, this.#options.clock.now());
      }
    });
  }

  #closed(session: PeerSession, endpoint: Endpoint, closed: LinkClosed): void {
    const now = this.#options.clock.now();
    this.#sessions.delete(session);
    if (this.#phase.name === 'active') this.#phase.exchange.leave(session);
    if (this.#phase.name === 'describing') this.#phase.metainfo.onClosed(session);
    const banned = closed.by === 'us' && (closed.reason === 'banned' || closed.reason === 'corrupt data');
    if (banned) this.#book.ban(endpoint, session.link.peerId);
    else if (this.counters.contributors.has(session.link.peerId)) this.#book.ended(endpoint, now);
    else this.#book.failed(endpoint, now);
    this.#remember(endpoint, closed.text);
    this.#options.events.onPeer({
      peerId: session.link.peerId,
      endpoint,
      state: banned ? 'banned' : 'disconnected',
      reason: closed.text,
    });
    this.#askForMetainfo();
  }

  #ban(session: PeerSession, text: string): void {
    this.#options.logger.warn({ remote: formatEndpoint(session.link.remote), text }, 'peer banned');
    session.link.close('banned', text);
  }

  #handler(session: PeerSession, endpoint: Endpoint): LinkHandler {
    const { clock } = this.#options;
    const exchange = (): Exchange | undefined =>
      this.#phase.name === 'active' ? this.#phase.exchange : undefined;
    return {
      onBitfield: (bits) => {
        const active = exchange();
        if (active !== undefined) active.onBitfield(session, bits);
        else keepEarlyBitfield(session, bits);
      },
      onHave: (index) => {
        const active = exchange();
        if (active !== undefined) active.onHave(session, index);
        else keepEarlyHave(session, index);
      },
      onChoke: () => {
        session.choking = true;
        exchange()?.onChoke(session);
      },
      onUnchoke: () => {
        session.choking = false;
        exchange()?.onUnchoke(session);
      },
      onInterested: () => {
        session.interested = true;
        exchange()?.onInterested(session);
      },
      onNotInterested: () => exchange()?.onNotInterested(session),
      onReject: (index) => exchange()?.onReject(session, index),
      onRequest: (index) => exchange()?.onRequest(session, index),
      takePiece: (index, length) => {
        const active = exchange();
        if (active === undefined) throw new ProtocolError(`piece ${index} was not asked for`);
        const buffer = active.takePiece(session, index, length);
        session.receiving = buffer !== undefined;
        return buffer;
      },
      releasePiece: (content) => exchange()?.releasePiece(content),
      onPiece: (piece) => {
        session.receiving = false;
        this.counters.lastPieceAt = clock.now();
        exchange()?.onArrived(session, piece);
      },
      onMetainfoOffer: (bytes) => {
        session.metainfoSize = bytes;
        this.#askForMetainfo();
      },
      onMetainfo: (offset, bytes) => this.#onMetainfo(session, offset, bytes),
      metainfoBytes: () => this.#metainfoBytes(),
      onReceived: (bytes) => {
        const now = clock.now();
        session.lastReceivedAt = now;
        session.lastExchangeAt = now;
        session.down.add(bytes, now);
        this.counters.received(bytes, now);
        if (session.receiving) this.counters.lastPieceAt = now;
        this.#gate.onReceived(bytes);
      },
      onSent: (bytes) => {
        const now = clock.now();
        session.lastExchangeAt = now;
        session.up.add(bytes, now);
        this.counters.sent(bytes, now);
      },
      onSourceFault: (error) => this.#options.events.onSourceFault(asLanshareError(error)),
      onClosed: (closed) => this.#closed(session, endpoint, closed),
    };
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

  // ---- metainfo ------------------------------------------------------------------------------------------

  #onMetainfo(session: PeerSession, offset: number, slice: Uint8Array): void {
    if (this.#phase.name !== 'describing') throw new ProtocolError('metainfo that was not asked for');
    const now = this.#options.clock.now();
    const bytes = this.#phase.metainfo.onSlice(session, offset, slice, now);
    if (bytes === undefined) return;
    this.#phase = { name: 'described', bytes };
    const { events } = this.#options;
    let metainfo: Metainfo;
    try {
      metainfo = parseInfo(bytes);
    } catch (error) {
      // It is what the info-hash stands for, so no other peer can have a better one.
      return events.onFault(asLanshareError(error));
    }
    for (const other of this.#sessions) {
      if (other !== session && other.metainfoSize === undefined) other.link.offerMetainfo(bytes.length);
    }
    events.onMetainfo(metainfo);
  }

  #askForMetainfo(): void {
    const phase = this.#phase;
    if (phase.name !== 'describing') return;
    const now = this.#options.clock.now();
    for (const session of [...this.#sessions])
      this.#guarded(session, () => phase.metainfo.offer(session, now));
  }

  #metainfoBytes(): Uint8Array | undefined {
    switch (this.#phase.name) {
      case 'described':
        return this.#phase.bytes;
      case 'active':
        return this.#phase.store.metainfo.infoBytes;
      default:
        return undefined;
    }
  }

  #pieceCount(): number {
    return this.#phase.name === 'active' ? this.#phase.store.metainfo.pieceCount : 0;
  }

  // ---- dialling ------------------------------------------------------------------------------------------

  #tick(): void {
    const now = this.#options.clock.now();
    for (const session of [...this.#sessions]) {
      if (this.#isStalled(session, now))
        session.link.close('stalled', `nothing came for ${STALL_TIMEOUT_MS / 1000} s`);
      else if (session.link.readsNothing)
        session.link.close('stalled', 'the peer does not read what it asked for');
    }
    if (this.#phase.name === 'active') this.#phase.exchange.tick(now);
    this.#dialDue();
  }

  #isStalled(session: PeerSession, now: number): boolean {
    const waitingSince = this.#waitingSince(session);
    if (waitingSince === undefined || this.#gate.closed) return false;
    return now - Math.max(waitingSince, this.#gate.openedAt) > STALL_TIMEOUT_MS;
  }

  /** Since when the peer has given nothing of what it owes us. */
  #waitingSince(session: PeerSession): number | undefined {
    if (this.#phase.name === 'describing') return this.#phase.metainfo.waitingSince(session);
    const [askedAt] = session.outstanding.values();
    return askedAt === undefined ? undefined : Math.max(session.lastReceivedAt, askedAt);
  }

  #dialDue(): void {
    if (this.#phase.name === 'closed' || this.complete) return;
    const linked = new Set([...this.#sessions].map((session) => session.link.peerId));
    let dialed = 0;
    for (const session of this.#sessions) if (session.link.dialed) dialed++;
    let room = Math.min(MAX_DIALS_AT_ONCE - this.#book.dialingCount, MAX_DIALED_LINKS - dialed);
    for (const candidate of this.#book.due(this.#options.clock.now(), linked)) {
      if (room-- <= 0) return;
      void this.#dial(candidate);
    }
  }

  async #dial(candidate: Candidate): Promise<void> {
    const { network, clock, logger } = this.#options;
    const { endpoint } = candidate;
    this.#book.dialing(endpoint);
    const timeout = new AbortController();
    const timer = clock.setTimer(DIAL_TIMEOUT_MS, () =>
      timeout.abort(new Error(`no answer within ${DIAL_TIMEOUT_MS / 1000} s`)),
    );
    try {
      logger.debug({ remote: formatEndpoint(endpoint) }, 'dialling');
      const connection = await network.dial(
        endpoint,
        AbortSignal.any([timeout.signal, this.#closing.signal]),
      );
      this.#link(connection, { ...candidate });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.debug({ remote: formatEndpoint(endpoint), reason }, 'dial failed');
      this.#remember(endpoint, reason);
      this.#book.failed(endpoint, clock.now());
    } finally {
      timer.cancel();
    }
  }

  #remember(endpoint: Endpoint, text: string): void {
    this.lastTrouble = `${formatEndpoint(endpoint)}: ${text}`;
  }

  #link(connection: Connection, candidate: Candidate): void {
    const { infoHash, local, clock, logger, buffers } = this.#options;
    if (this.#phase.name === 'closed') return connection.destroy();
    let answeredBy: PeerId | undefined;
    this.#opening.add(connection);
    openLanLink({
      connection,
      local,
      clock,
      logger,
      buffers,
      role: { kind: 'dialer', infoHash, metainfoSize: this.#metainfoBytes()?.length },
      welcome: (link, hello) => {
        this.#opening.delete(connection);
        answeredBy = hello.peerId;
        return this.welcome(link, hello, candidate);
      },
      onFailed: (closed) => {
        this.#opening.delete(connection);
        this.#linkFailed(candidate, closed, answeredBy);
      },
    });
  }

  #linkFailed(candidate: Candidate, closed: LinkClosed, answeredBy: PeerId | undefined): void {
    const { endpoint } = candidate;
    const now = this.#options.clock.now();
    const reason = closed.by === 'network' ? undefined : closed.reason;
    if (reason === 'self connection') this.#book.ban(endpoint, undefined);
    else this.#book.failed(endpoint, now);
    // The old peer is gone and a new one listens there, or we know it by another address.
    if (answeredBy !== undefined) this.#book.answered(endpoint, answeredBy, now);
    if (reason === 'wrong peer id') this.#dialDue();
    if (reason === 'self connection' || reason === 'duplicate link') return;
    this.#remember(endpoint, closed.text);
    this.#options.events.onPeer({
      peerId: answeredBy ?? candidate.peerId,
      endpoint,
      state: 'refused',
      reason: closed.text,
    });
  }
}

function keepEarlyBitfield(session: PeerSession, bits: Uint8Array): void {
  if (session.early !== undefined) throw new ProtocolError('a second bitfield, or one after a have');
  session.early = { bits, haves: [] };
}

function keepEarlyHave(session: PeerSession, index: number): void {
  session.early ??= { bits: undefined, haves: [] };
  if (session.early.haves.push(index) > MAX_PIECES / 16)
    throw new ProtocolError('too many haves before the metainfo');
}

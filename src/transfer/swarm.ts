import { asLanshareError, type LanshareError } from '../errors.ts';
import type { PeerId } from '../holdings/holding.ts';
import { STALL_TIMEOUT_MS } from '../limits.ts';
import type { InfoHash, Metainfo, PieceIndex } from '../metainfo/metainfo.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import type { BufferPool } from '../peer/buffer-pool.ts';
import type { LocalPeer, Welcome } from '../peer/link-setup.ts';
import type { LinkClosed, LinkHandler, PeerLink } from '../peer/peer-link.ts';
import { SentPieces } from '../peer/sent-pieces.ts';
import type { PickOrder } from '../pieces/picker.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import { type Clock, repeat, type Timer } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Network } from '../platform/network.ts';
import type { Random } from '../platform/random.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { type Hello, ProtocolError } from '../wire/lan/message.ts';
import { admit } from './admission.ts';
import { Dialing } from './dialing.ts';
import type { DownloaderOptions } from './downloader.ts';
import { type ChokingSettings, Exchange } from './exchange.ts';
import { MetainfoExchange } from './metainfo-exchange.ts';
import type { Candidate } from './peer-book.ts';
import { PeerSession } from './peer-session.ts';
import { ReadGate } from './read-gate.ts';
import { sessionHandler } from './session-handler.ts';
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
  readonly #dialing: Dialing;
  readonly #gate: ReadGate;
  readonly #sent = new SentPieces();
  readonly #ticking: Timer;
  #phase: Phase;

  constructor(options: SwarmOptions) {
    const now = options.clock.now();
    this.#options = options;
    this.counters = new TransferCounters(now);
    this.#gate = new ReadGate(options.clock, options.downloadLimit, this.#sessions);
    this.#phase = { name: 'describing', metainfo: new MetainfoExchange(options.infoHash) };
    this.#dialing = new Dialing({
      ...options,
      sessions: this.#sessions,
      wantsPeers: () => !this.complete,
      metainfoSize: () => this.#metainfoBytes()?.length,
      welcome: (link, hello, dialed) => this.welcome(link, hello, dialed),
      onTrouble: (endpoint, reason) => this.#remember(endpoint, reason),
      onRefused: (endpoint, peerId, reason) =>
        options.events.onPeer({ peerId, endpoint, state: 'refused', reason }),
    });
    this.#ticking = repeat(options.clock, TICK_MS, () => this.#tick());
  }

  get sessions(): ReadonlySet<PeerSession> {
    return this.#sessions;
  }

  get complete(): boolean {
    return this.#phase.name === 'active' && this.#phase.store.have.complete;
  }

  get piecesHeld(): number {
    return this.#phase.name === 'active' ? this.#phase.store.have.count : 0;
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
    this.#dialing.learn(endpoint, peerId);
  }

  /** The peer said goodbye. */
  forget(peerId: PeerId): void {
    this.#dialing.book.forget(peerId);
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

  /** A peer has said who it is, on a link that it or we opened. */
  welcome(link: PeerLink, hello: Hello, expected?: Candidate): Welcome {
    if (this.#phase.name === 'closed')
      return { kind: 'refused', reason: 'closing', text: 'the transfer is over' };
    const now = this.#options.clock.now();
    const admission = admit(
      { hello, dialed: link.dialed, expected },
      {
        infoHash: this.#options.infoHash,
        localPeerId: this.#options.local.peerId,
        banned: this.#dialing.book.isBanned(hello.peerId),
        existing: [...this.#sessions].find((session) => session.link.peerId === hello.peerId),
        now,
      },
    );
    if (admission.kind === 'refused') return admission;
    if (admission.kind === 'replaces') admission.existing.link.close('duplicate link');
    const session = new PeerSession(link, this.#pieceCount(), now);
    const endpoint = expected?.endpoint ?? { host: link.remote.host, port: hello.port };
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
    this.#ticking.cancel();
    this.#gate.stop();
    this.#dialing.close();
    for (const session of [...this.#sessions]) session.link.close(reason);
    if (phase.name === 'active') await phase.exchange.stop();
  }

  // ---- links ---------------------------------------------------------------------------------------------

  #opened(session: PeerSession, endpoint: Endpoint): void {
    const { peerId } = session.link;
    this.#sessions.add(session);
    this.#gate.onJoined(session);
    if (endpoint.port !== 0) {
      this.#dialing.book.learn(endpoint, peerId, this.#options.clock.now());
      this.#dialing.book.linked(endpoint, peerId);
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
    const banned = closed.by === 'us' && closed.reason === 'banned';
    if (banned) this.#dialing.book.ban(endpoint, session.link.peerId);
    else if (this.counters.contributors.has(session.link.peerId)) this.#dialing.book.ended(endpoint, now);
    else this.#dialing.book.failed(endpoint, now);
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
    return sessionHandler(session, {
      clock: this.#options.clock,
      counters: this.counters,
      gate: this.#gate,
      exchange: () => (this.#phase.name === 'active' ? this.#phase.exchange : undefined),
      onMetainfoOffer: () => this.#askForMetainfo(),
      onMetainfo: (offset, bytes) => this.#onMetainfo(session, offset, bytes),
      metainfoBytes: () => this.#metainfoBytes(),
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

  // ---- time ----------------------------------------------------------------------------------------------

  #tick(): void {
    const now = this.#options.clock.now();
    for (const session of [...this.#sessions]) {
      if (this.#isStalled(session, now))
        session.link.close('stalled', `nothing came for ${STALL_TIMEOUT_MS / 1000} s`);
      else if (session.link.readsNothing)
        session.link.close('stalled', 'the peer does not read what it asked for');
    }
    if (this.#phase.name === 'active') this.#phase.exchange.tick(now);
    this.#dialing.dialDue();
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

  #remember(endpoint: Endpoint, text: string): void {
    this.lastTrouble = `${formatEndpoint(endpoint)}: ${text}`;
  }
}

import { asLanshareError, type LanshareError } from '../../errors.ts';
import { Standings } from '../../holdings/standing.ts';
import { CLASSROOM_TICK_MS, SERVE_BUFFERS_BYTES, SERVE_SLICE_BYTES } from '../../limits.ts';
import type { PieceIndex } from '../../metainfo/metainfo.ts';
import { BufferPool } from '../../peer/buffer-pool.ts';
import type { LinkClosed, LinkHandler, PeerLink } from '../../peer/peer-link.ts';
import { TokenBucket } from '../../pieces/token-bucket.ts';
import { repeat, type Timer } from '../../platform/clock.ts';
import type { Connection } from '../../platform/network.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { Exchange } from '../../transfer/exchange.ts';
import { guarded } from '../../transfer/guarded.ts';
import { PeerSession } from '../../transfer/peer-session.ts';
import { ReadGate } from '../../transfer/read-gate.ts';
import { sessionHandler } from '../../transfer/session-handler.ts';
import { TransferCounters } from '../../transfer/transfer-counters.ts';
import type { ListedPeer, ListedPeerId } from '../config/project.ts';
import type { LogEvent } from '../log/log-event.ts';
import { ASSIGNMENT_RULES, judgedBySize } from './assignment-rules.ts';
import { breakSilence } from './break-silence.ts';
import { canGoOnWith, lacksSomeOf } from './can-go-on.ts';
import type { ClassroomPeerOptions, RunResult } from './classroom-peer-api.ts';
import { endingOf } from './ending.ts';
import { Fruitless } from './fruitless.ts';
import { peersMissing } from './missing-peers.ts';
import { NeighborLinks } from './neighbor-links.ts';
import { ProgressEvents } from './progress-events.ts';
import { RefusalsTold } from './refusals-told.ts';
import { Roster } from './roster.ts';
import { TalkLimit } from './talk-limit.ts';
import { toldHandler } from './told-handler.ts';

export interface RunningPeerOptions
  extends Pick<
    ClassroomPeerOptions,
    'project' | 'id' | 'waitMs' | 'network' | 'clock' | 'random' | 'logger' | 'onEvent'
  > {
  readonly store: ContentStore;
  log(event: LogEvent): void;
}

/** One peer of the assignment while it runs: its links, what passes on them, and when that is over. */
export class ClassroomPeer {
  /** How the run ended, of which nothing is closed then; rejects with what makes it impossible to go on. */
  readonly ended: Promise<RunResult>;
  readonly #options: RunningPeerOptions;
  readonly #roster: Roster;
  readonly #links: NeighborLinks;
  readonly #exchange: Exchange;
  readonly #sessions = new Set<PeerSession>();
  /** Those that waited for our first word. */
  readonly #spokenTo = new WeakSet<PeerSession>();
  readonly #standings = new Standings();
  readonly #talk = new TalkLimit();
  readonly #counters: TransferCounters;
  readonly #gate: ReadGate;
  readonly #progress: ProgressEvents;
  readonly #refusals: RefusalsTold;
  readonly #timer: Timer;
  #phase: 'fetching' | 'finishing' | 'complete' | 'over' = 'fetching';
  /** How many have been told to be here; the store may be one piece ahead. */
  #pieces: number;
  #idleSince: number;
  #settle: { resolve(result: RunResult): void; reject(fault: LanshareError): void } | undefined;

  constructor(options: RunningPeerOptions) {
    const { project, id, clock, store, onEvent } = options;
    this.#options = options;
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#pieces = store.have.count;
    this.#idleSince = clock.now();
    this.#roster = new Roster(project, id, store.metainfo.pieceCount);
    this.#counters = new TransferCounters(clock.now());
    const unlimited = new TokenBucket(Number.POSITIVE_INFINITY, clock.now());
    this.#gate = new ReadGate(clock, unlimited, this.#sessions);
    this.#exchange = this.#newExchange();
    this.#refusals = new RefusalsTold(onEvent);
    this.#links = new NeighborLinks({
      ...options,
      self: id,
      roster: this.#roster,
      buffers: new BufferPool(SERVE_SLICE_BYTES, SERVE_BUFFERS_BYTES),
      join: (link, peer) => this.#join(link, peer),
      onOpened: (session, peer) => this.#opened(session, peer),
      onRefused: ({ remote }, text) => this.#refusals.tell(remote, text),
      onNote: (text) => onEvent({ event: 'peer-note', text }),
    });
    this.#progress = new ProgressEvents({ store, counters: this.#counters, clock, onEvent });
    this.#timer = repeat(clock, CLASSROOM_TICK_MS, () => this.#tick());
  }

  /** Dials those that stand before us. */
  start(): void {
    const { project, id, store } = this.#options;
    this.#progress.tell();
    const own = project.peers.findIndex((peer) => peer.id === id);
    if (store.goal.reached) this.#whole(project.peers[own]?.hasFile === true);
    this.#links.dial(project.peers.slice(0, own));
  }

  accept(connection: Connection): void {
    this.#links.accept(connection);
  }

  /** Makes `ended` reject; what is open stays so. */
  fail(error: unknown): void {
    this.#settle?.reject(asLanshareError(error));
    this.#settle = undefined;
  }

  /**
   * After a run that came to its end all that was said is sent first. Resolves when every connection is closed and
   * what has arrived is written.
   */
  async close(how: 'in good order' | 'at once'): Promise<void> {
    this.#phase = 'over';
    this.#timer.cancel();
    this.#gate.stop();
    this.#progress.tell();
    this.#progress.stop();
    await (how === 'at once' ? this.#links.destroy() : this.#links.close());
    await this.#exchange.stop();
  }

  // ---- links -----------------------------------------------------------------------------------------

  #join(link: PeerLink, peer: ListedPeer): { session: PeerSession; handler: LinkHandler } {
    const { clock, store, log } = this.#options;
    const session = new PeerSession(link, {
      standing: this.#standings.of(link.peerId),
      second: false,
      pieceCount: store.metainfo.pieceCount,
      now: clock.now(),
    });
    const heard = sessionHandler(session, {
      clock,
      counters: this.#counters,
      gate: this.#gate,
      exchange: () => this.#exchange,
      metainfo: () => store.metainfo,
      onSourceFault: (error) => this.fail(error),
      onClosed: (closed) => this.#closed(session, peer, closed),
      ...NOT_IN_THE_ASSIGNMENT,
    });
    const fruitless = new Fruitless(store.metainfo.length);
    const handler = toldHandler(heard, session, peer.id, {
      log,
      onIndex: () => {
        if (this.#onIndex(session, peer.id)) fruitless.begin();
      },
      onTalk: () => this.#talk.heard(peer.id, clock.now()),
      onPieceCame: () => {
        this.#idleSince = clock.now();
      },
      onPieceSent: (bytes) => {
        if (fruitless.sent(bytes) === 'may help') this.#idleSince = clock.now();
      },
    });
    return { session, handler };
  }

  #opened(session: PeerSession, peer: ListedPeer): void {
    const { log, onEvent } = this.#options;
    const { id } = peer;
    const { dialed } = session.link;
    this.#sessions.add(session);
    this.#roster.linked(id);
    log(dialed ? { kind: 'makes connection', to: id } : { kind: 'is connected', from: id });
    onEvent({ event: 'peer-connected', id, dialed });
    this.#gate.onJoined(session);
    guarded(session, () => this.#exchange.join(session));
    this.#consider();
  }

  #closed(session: PeerSession, peer: ListedPeer, closed: LinkClosed): void {
    this.#sessions.delete(session);
    if (this.#links.isCurrent(session, peer)) this.#roster.lost(peer.id);
    this.#links.left(session, peer);
    this.#exchange.leave(session);
    if (closed.by === 'us' && closed.reason === 'protocol error')
      this.#refusals.tell(session.link.remote, `peer ${peer.id}: ${closed.text}`);
    this.#options.onEvent({ event: 'peer-disconnected', id: peer.id, reason: closed.text });
    this.#consider();
  }

  /** Returns whether the peer never had so much before. */
  #onIndex(session: PeerSession, id: ListedPeerId): boolean {
    const isNews = this.#roster.has(id, session.theirs.count);
    if (isNews) this.#idleSince = this.#options.clock.now();
    if (session.theirs.complete) this.#consider();
    return isNews;
  }

  // ---- the file --------------------------------------------------------------------------------------

  #newExchange(): Exchange {
    const { project, store, clock, random } = this.#options;
    const { common } = project;
    return new Exchange({
      store,
      clock,
      random,
      order: 'random',
      rules: ASSIGNMENT_RULES,
      judge: judgedBySize,
      choking: {
        uploadSlots: common.preferredNeighbors,
        intervalMs: common.unchokingIntervalSeconds * 1000,
        optimisticIntervalMs: common.optimisticUnchokingIntervalSeconds * 1000,
      },
      sessions: this.#sessions,
      standings: this.#standings,
      counters: this.#counters,
      gate: this.#gate,
      onPiece: (index, from) => this.#onPiece(index, from),
      // Counted here: the store may hold the last piece before the one before it is told.
      onComplete: () => {},
      onCorrupt: (session, text) => session.link.close('corrupt data', text),
      onFault: (fault) => this.fail(fault),
      onPreferred: (preferred) => this.#onPreferred(preferred),
      onOptimistic: (optimistic) => this.#onOptimistic(optimistic),
      moreMayCome: () => this.#moreMayCome(),
    });
  }

  #onPiece(piece: PieceIndex, from: PeerSession): void {
    const { log, store } = this.#options;
    this.#idleSince = this.#options.clock.now();
    this.#pieces++;
    log({ kind: 'downloaded piece', piece, from: this.#idOf(from), pieces: this.#pieces });
    if (this.#pieces === store.metainfo.pieceCount) this.#whole(false);
  }

  /** All pieces are here. */
  #whole(fromTheStart: boolean): void {
    this.#roster.selfComplete();
    if (fromTheStart) {
      this.#phase = 'complete';
      return;
    }
    this.#options.log({ kind: 'complete' });
    this.#phase = 'finishing';
    void this.#finish();
  }

  async #finish(): Promise<void> {
    const { store, clock, onEvent } = this.#options;
    try {
      const path = await store.finish();
      if (this.#phase !== 'finishing') return;
      this.#phase = 'complete';
      this.#idleSince = clock.now();
      this.#progress.tell();
      onEvent({ event: 'peer-complete', path });
      this.#consider();
    } catch (error) {
      this.fail(error);
    }
  }

  // ---- choking, as it is told ------------------------------------------------------------------------

  #onPreferred(preferred: readonly PeerSession[]): void {
    const neighbors = preferred.map((session) => this.#idOf(session));
    this.#options.onEvent({ event: 'preferred', neighbors });
    if (neighbors.length > 0) this.#options.log({ kind: 'preferred neighbors', neighbors });
  }

  /** Somebody who is listed is not here yet, or has not said that it wants what it lacks. */
  #moreMayCome(): boolean {
    const { project, store } = this.#options;
    if (this.#sessions.size < project.peers.length - 1) return true;
    return [...this.#sessions].some(
      ({ interested, theirs }) => !interested && lacksSomeOf(theirs, store.have),
    );
  }

  #onOptimistic(optimistic: PeerSession | undefined): void {
    const neighbor = optimistic && this.#idOf(optimistic);
    this.#options.onEvent({ event: 'optimistic', neighbor });
    if (neighbor !== undefined) this.#options.log({ kind: 'optimistically unchoked neighbor', neighbor });
  }

  // ---- the end ---------------------------------------------------------------------------------------

  #tick(): void {
    for (const { link } of [...this.#sessions])
      if (link.readsNothing) link.close('stalled', 'the peer does not read what it asked for');
    this.#exchange.tick(this.#options.clock.now());
    this.#breakSilence();
    this.#consider();
  }

  /** Of peers that have the file: the others have nothing to say at first. */
  #breakSilence(): void {
    const { store, clock } = this.#options;
    if (store.have.count > 0) return;
    for (const session of this.#sessions) {
      const isSilent = this.#listedOf(session).hasFile && !this.#spokenTo.has(session);
      if (isSilent && breakSilence(session, store.have.bytes, clock.now())) this.#spokenTo.add(session);
    }
  }

  #consider(): void {
    if (this.#phase === 'finishing' || this.#phase === 'over') return;
    const { store, clock, waitMs, project } = this.#options;
    const neighbors = this.#roster.neighbors();
    const canGoOn = [...this.#sessions].some((session) => canGoOnWith(session, store.have));
    const idleMs = clock.now() - this.#idleSince;
    const standing = { complete: this.#phase === 'complete', neighbors, canGoOn, idleMs };
    const ending = endingOf(standing, waitMs, project.common);
    if (ending === 'not yet') return;
    const fault = (): LanshareError => peersMissing(neighbors, this.#pieces, this.#roster.pieceCount);
    this.#settle?.resolve(ending === 'given up' ? { kind: ending, fault: fault() } : { kind: ending });
    this.#settle = undefined;
  }

  #idOf(session: PeerSession): ListedPeerId {
    return this.#listedOf(session).id;
  }

  #listedOf(session: PeerSession): ListedPeer {
    const listed = this.#roster.findByPeerId(session.link.peerId);
    if (listed === undefined) throw new TypeError('a session without a listed peer');
    return listed;
  }
}

/** Both sides have read the same configuration, and nobody else is told of. */
const NOT_IN_THE_ASSIGNMENT = {
  onMetainfoOffer: () => {},
  onMetainfo: () => {},
  metainfoBytes: () => undefined,
  onHashes: () => {},
  onHashReject: () => {},
  onPeersExchanged: () => {},
};

import type { LanshareError } from '../errors.ts';
import { IDLE_TIMEOUT_MS } from '../limits.ts';
import { type Metainfo, type PieceIndex, pieceIndex, pieceSize } from '../metainfo/metainfo.ts';
import type { ArrivedPiece } from '../peer/peer-link.ts';
import { Availability } from '../pieces/availability.ts';
import { Bitfield } from '../pieces/bitfield.ts';
import type { PickOrder } from '../pieces/picker.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import { Choking } from './choking.ts';
import { Downloader, type DownloaderOptions } from './downloader.ts';
import type { PeerSession } from './peer-session.ts';
import type { ReadGate } from './read-gate.ts';
import type { TransferCounters } from './transfer-counters.ts';

export interface ChokingSettings {
  readonly uploadSlots: number;
  readonly intervalMs: number;
  readonly optimisticIntervalMs: number;
}

export interface ExchangeOptions {
  readonly store: ContentStore;
  readonly order: PickOrder;
  readonly choking: ChokingSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly sessions: ReadonlySet<PeerSession>;
  readonly counters: TransferCounters;
  readonly gate: ReadGate;
  check: DownloaderOptions['check'];
  /** A piece is verified and written. */
  onPiece(index: PieceIndex): void;
  onComplete(): void;
  /** The peer sent data that is not the content. */
  onCorrupt(session: PeerSession, text: string): void;
  /** The store cannot take what arrives. */
  onFault(error: LanshareError): void;
}

/** What happens between us and the linked peers once the pieces can be numbered: index, interest, pieces. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #metainfo: Metainfo;
  readonly #availability: Availability;
  readonly #downloader: Downloader;
  readonly #choking: Choking;

  constructor(options: ExchangeOptions) {
    const { store, order, clock, random, check, sessions } = options;
    this.#options = options;
    this.#metainfo = store.metainfo;
    this.#availability = new Availability(store.metainfo.pieceCount);
    this.#downloader = new Downloader({
      store,
      order,
      clock,
      random,
      check,
      availability: this.#availability,
      sessions: () => sessions,
      onPiece: (index, from) => this.#onPiece(index, from),
      onCorrupt: (index, from) => options.onCorrupt(from, `piece ${index} does not match its hash`),
      onDamaged: (from) => from.link.close('corrupt data', 'pieces keep arriving damaged'),
      onFault: options.onFault,
      onBacklog: (blocked) => options.gate.onBacklog(blocked),
    });
    this.#choking = new Choking({
      ...options.choking,
      clock,
      random,
      sessions: () => sessions,
      complete: () => store.have.complete,
    });
  }

  join(session: PeerSession): void {
    const { store } = this.#options;
    session.theirs = new Bitfield(this.#metainfo.pieceCount);
    session.link.serve(store);
    if (store.have.count > 0) session.link.bitfield(store.have.bytes);
    const { early } = session;
    session.early = undefined;
    if (early?.bits !== undefined) this.onBitfield(session, early.bits);
    for (const index of early?.haves ?? []) this.onHave(session, index);
    if (session.interested) this.onInterested(session);
  }

  leave(session: PeerSession): void {
    this.#downloader.release(session);
    this.#availability.removePeer(session.theirs);
    this.#choking.onClosed(session);
    this.#downloader.fillIdle();
  }

  onBitfield(session: PeerSession, bits: Uint8Array): void {
    if (session.toldIndex) throw new ProtocolError('a second bitfield, or one after a have');
    const theirs = Bitfield.fromBytes(bits, this.#metainfo.pieceCount);
    if (theirs === undefined) throw new ProtocolError(`a bitfield of ${bits.length} bytes that does not fit`);
    session.toldIndex = true;
    session.theirs = theirs;
    this.#availability.addPeer(theirs);
    for (const index of theirs.held()) if (!this.#options.store.have.has(index)) session.wanted++;
    this.#indexChanged(session);
  }

  onHave(session: PeerSession, claimed: number): void {
    const index = pieceIndex(claimed, this.#metainfo.pieceCount);
    if (index === undefined) throw new ProtocolError(`a have for piece ${claimed}, which does not exist`);
    session.toldIndex = true;
    if (!session.theirs.add(index)) return;
    this.#availability.addPiece(index);
    if (!this.#options.store.have.has(index)) session.wanted++;
    this.#downloader.heldElsewhere(session, index);
    this.#indexChanged(session);
  }

  onChoke(session: PeerSession): void {
    this.#downloader.release(session);
    this.#downloader.fillIdle();
  }

  onUnchoke(session: PeerSession): void {
    this.#downloader.fill(session);
  }

  onInterested(session: PeerSession): void {
    this.#choking.onInterested(session);
  }

  onReject(session: PeerSession, index: number): void {
    const lacking = this.#downloader.rejected(session, index);
    if (lacking !== undefined) this.#onLacking(session, lacking);
    this.#downloader.fill(session);
  }

  /** The piece to send, or undefined where the request is refused. */
  onRequest(session: PeerSession, claimed: number): PieceIndex | undefined {
    const index = pieceIndex(claimed, this.#metainfo.pieceCount);
    if (index === undefined) throw new ProtocolError(`a request for piece ${claimed}, which does not exist`);
    session.lastAskedAt = this.#options.clock.now();
    return session.amChoking || !this.#options.store.have.has(index) ? undefined : index;
  }

  takePiece(session: PeerSession, index: number, length: number): Uint8Array | undefined {
    return this.#downloader.takePiece(session, index, length);
  }

  releasePiece(content: Uint8Array): void {
    this.#downloader.releaseBuffer(content);
  }

  onArrived(session: PeerSession, piece: ArrivedPiece): void {
    this.#downloader.arrived(session, piece);
  }

  tick(now: number): void {
    this.#downloader.fillIdle();
    for (const session of this.#options.sessions) {
      const useless = !session.interested && !session.amInterested && session.link.queuedUploads === 0;
      if (useless && now - session.lastExchangeAt > IDLE_TIMEOUT_MS)
        session.link.close('nothing to exchange');
    }
  }

  /** Resolves when what has arrived is written. */
  async stop(): Promise<void> {
    this.#choking.stop();
    await this.#downloader.stop();
  }

  #onPiece(index: PieceIndex, from: PeerSession): void {
    const { counters, sessions, store } = this.#options;
    counters.downloadedBytes += pieceSize(store.metainfo, index);
    counters.contributors.add(from.link.peerId);
    for (const session of sessions) {
      // Also to who has it: it must learn when we are complete, and lingers for us until then.
      if (!session.theirs.complete) session.link.have(index);
      if (!session.theirs.has(index)) continue;
      session.wanted--;
      this.#showInterest(session);
    }
    this.#options.onPiece(index);
    if (store.have.complete) this.#onComplete();
  }

  /** The peer does not have the piece after all: it must not be asked again at once. */
  #onLacking(session: PeerSession, index: PieceIndex): void {
    if (!session.theirs.delete(index)) return;
    this.#availability.removePiece(index);
    if (!this.#options.store.have.has(index)) session.wanted--;
    this.#showInterest(session);
  }

  #onComplete(): void {
    this.#options.onComplete();
    for (const session of [...this.#options.sessions]) this.#closeIfUseless(session);
  }

  #indexChanged(session: PeerSession): void {
    this.#showInterest(session);
    this.#closeIfUseless(session);
    this.#downloader.fill(session);
  }

  #showInterest(session: PeerSession): void {
    const want = session.wanted > 0;
    if (want === session.amInterested) return;
    session.amInterested = want;
    if (want) session.link.interested();
    else session.link.notInterested();
  }

  /** Two complete peers have nothing to say to each other. */
  #closeIfUseless(session: PeerSession): void {
    if (this.#options.store.have.complete && session.theirs.complete && session.toldIndex) {
      session.link.close('nothing to exchange');
    }
  }
}

import type { PeerId, PieceSummary } from '../holdings/holding.ts';
import type { FailedClaim } from '../holdings/standing.ts';
import { IDLE_TIMEOUT_MS, LAST_BLOCKS_ASKED_MS, MAX_FAILED_CLAIMS } from '../limits.ts';
import { type Metainfo, type PieceIndex, pieceIndex, pieceSize } from '../metainfo/metainfo.ts';
import type { ArrivedPiece } from '../peer/peer-link.ts';
import { Bitfield } from '../pieces/bitfield.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import { type Choker, Choking, choke } from './choking.ts';
import { ChokingInRounds } from './choking-in-rounds.ts';
import { Downloader } from './downloader.ts';
import type { ExchangeOptions } from './exchange-options.ts';
import { Lacking } from './lacking.ts';
import { PeerIndexes } from './peer-indexes.ts';
import type { PeerSession } from './peer-session.ts';
import { isSnubbing, isUnanswered } from './stalls.ts';

/** What happens between us and the linked peers once the pieces can be numbered: index, interest, pieces. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #metainfo: Metainfo;
  /** What is still lacking, compared with what others hold. */
  readonly lacking: Lacking;
  readonly #indexes: PeerIndexes;
  readonly #downloader: Downloader;
  readonly #choking: Choker;
  #finishing = false;

  constructor(options: ExchangeOptions) {
    const { store, order, clock, random, rules, judge, sessions, standings } = options;
    this.#options = options;
    this.#metainfo = store.metainfo;
    this.#indexes = new PeerIndexes(store.metainfo.pieceCount, standings);
    const { availability } = this.#indexes;
    this.lacking = new Lacking(store.goal, store.metainfo.pieceCount, availability);
    this.#downloader = new Downloader({
      store,
      order,
      clock,
      random,
      asking: rules.asking,
      judge,
      availability,
      sessions: () => sessions,
      provenBy: (session) => this.#indexes.provenBy(session),
      onPiece: (index, from) => this.#onPiece(index, from),
      onCorrupt: (index, from) => {
        this.failed(from, 'corrupt');
        options.onCorrupt(from, `piece ${index} does not match its hash`);
      },
      onDamaged: (from) => from.link.close('corrupt data', 'pieces keep arriving damaged'),
      onFault: options.onFault,
      onBacklog: (blocked) => options.gate.onBacklog(blocked),
      bytesPerSecond: options.gate.bytesPerSecond,
    });
    const choking = {
      ...options.choking,
      clock,
      random,
      sessions: () => sessions,
      complete: () => store.goal.reached,
    };
    this.#choking = rules.choking === 'eager' ? new Choking(choking) : new ChokingInRounds(choking, options);
  }

  join(session: PeerSession): void {
    const { store } = this.#options;
    session.theirs = new Bitfield(this.#metainfo.pieceCount);
    this.#indexes.join(session);
    session.link.serve(store);
    if (store.have.count > 0) session.link.bitfield(store.have.bytes);
    const { early } = session;
    session.early = undefined;
    if (early?.bits === 'all') this.onHaveAll(session);
    else if (early?.bits !== undefined) this.onBitfield(session, early.bits);
    for (const index of early?.haves ?? []) this.onHave(session, index);
    if (session.interested) this.onInterested(session);
  }

  leave(session: PeerSession): void {
    this.#downloader.release(session);
    this.#indexes.leave(session);
    this.#choking.onClosed(session);
    this.#downloader.fillIdle();
  }

  onBitfield(session: PeerSession, bits: Uint8Array): void {
    const theirs = Bitfield.fromBytes(bits, this.#metainfo.pieceCount);
    if (theirs === undefined) throw new ProtocolError(`a bitfield of ${bits.length} bytes that does not fit`);
    this.#told(session, theirs);
  }

  onHaveAll(session: PeerSession): void {
    // It takes five bytes to say, and looking at every piece to believe.
    if (session.toldIndex && session.theirs.complete) return;
    this.#told(session, Bitfield.full(this.#metainfo.pieceCount));
  }

  #told(session: PeerSession, theirs: Bitfield): void {
    if (session.toldIndex) return this.#toldAgain(session, theirs);
    session.toldIndex = true;
    this.#indexes.told(session, theirs);
    const { goal } = this.#options.store;
    for (const index of theirs.held()) if (goal.lacks(index)) session.wanted++;
    // Whoever begins is taken for not interested; one more word of it is expected by some.
    if (session.wanted === 0 && this.#tellsEverything) session.link.notInterested();
    this.#indexChanged(session);
  }

  /** Where a bitfield is shorter than several haves, aria2 sends it in their place. */
  #toldAgain(session: PeerSession, theirs: Bitfield): void {
    if (session.link.dialect !== 'bittorrent')
      throw new ProtocolError('a second bitfield, or one after a have');
    let isNews = false;
    for (const [at, byte] of theirs.bytes.entries()) {
      // Mostly nothing is new, and there may be many of them: no more than a step for each byte that came.
      if ((byte & ~(session.theirs.bytes[at] ?? 0)) === 0) continue;
      for (let index = at * 8; index < (at + 1) * 8; index++)
        if (theirs.has(index as PieceIndex) && this.#gained(session, index as PieceIndex)) isNews = true;
    }
    if (isNews) this.#indexChanged(session);
  }

  onHave(session: PeerSession, claimed: number): void {
    const index = pieceIndex(claimed, this.#metainfo.pieceCount);
    if (index === undefined) throw new ProtocolError(`a have for piece ${claimed}, which does not exist`);
    session.toldIndex = true;
    if (this.#gained(session, index)) this.#indexChanged(session);
  }

  /** Returns false where that is no news. */
  #gained(session: PeerSession, index: PieceIndex): boolean {
    if (!this.#indexes.gained(session, index)) return false;
    if (this.#options.store.goal.lacks(index)) session.wanted++;
    this.#downloader.heldElsewhere(session, index);
    return true;
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
    if (lacking !== undefined) {
      this.#onLacking(session, lacking);
      this.failed(session, 'rejected');
      if (session.standing.points >= MAX_FAILED_CLAIMS)
        return session.link.close('stalled', 'the peer refuses what it says that it has');
    }
    this.#downloader.fill(session);
  }

  /** The piece to send, or undefined where the request is refused. */
  onRequest(session: PeerSession, claimed: number): PieceIndex | undefined {
    const index = pieceIndex(claimed, this.#metainfo.pieceCount);
    if (index === undefined) throw new ProtocolError(`a request for piece ${claimed}, which does not exist`);
    // Who says that it has a piece and asks for it lies in one of the two, and costs others their share.
    const { claimedPieces } = this.#options.rules;
    if (claimedPieces === 'refused' && session.theirs.has(index)) return undefined;
    if (this.#finishing && index !== session.lastAsked) return undefined;
    session.lastAsked = index;
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

  /** What a peer announces that it holds; undefined for nothing that can be used. */
  announced(peerId: PeerId, pieces: PieceSummary | undefined): void {
    this.#indexes.announced(peerId, pieces);
  }

  /** A claim of this peer has failed. */
  failed(session: PeerSession, claim: FailedClaim): void {
    session.standing.failed(claim);
    this.#indexes.reconsider(session.link.peerId);
  }

  /** What is known of this peer's standing has changed elsewhere. */
  reconsider(peerId: PeerId): void {
    this.#indexes.reconsider(peerId);
  }

  /** Whether all that this peer owes us could come from others that have given pieces before. */
  isReplaceable(session: PeerSession): boolean {
    const others = [...this.#options.sessions].filter(
      (other) => other !== session && !other.choking && other.standing.value === 'proven',
    );
    return [...session.outstanding.keys()].every((index) => others.some(({ theirs }) => theirs.has(index)));
  }

  tick(now: number): void {
    this.#askOthers(now);
    this.#downloader.fillIdle();
    this.#closeIdle(now);
  }

  /** Where nothing has come of what was asked for. */
  #askOthers(now: number): void {
    const { gate, sessions, rules } = this.#options;
    if (rules.asking.kind === 'plain') {
      const { timeoutMs } = rules.asking;
      this.#downloader.askAgain([...sessions].filter((one) => isUnanswered(one, gate, timeoutMs, now)));
      return;
    }
    const surroundings = { gate, isReplaceable: (session: PeerSession) => this.isReplaceable(session) };
    for (const session of sessions)
      if (isSnubbing(session, surroundings, now)) this.#downloader.setAside(session);
  }

  #closeIdle(now: number): void {
    if (this.#options.rules.uselessLinks === 'kept') return;
    for (const session of this.#options.sessions) {
      const useless = !session.interested && !session.amInterested && session.link.queuedUploads === 0;
      if (useless && now - session.lastExchangeAt > IDLE_TIMEOUT_MS)
        session.link.close('nothing to exchange');
    }
  }

  /** Nobody begins another piece from now on. Returns whether anybody is still in the middle of one. */
  finishUploads(now: number): boolean {
    if (!this.#finishing) this.#endUploads();
    return [...this.#options.sessions].some(
      ({ link, lastAsked, lastAskedAt }) =>
        link.queuedUploads > 0 || (lastAsked !== undefined && now - lastAskedAt < LAST_BLOCKS_ASKED_MS),
    );
  }

  /** Resolves when what has arrived is written. */
  async stop(): Promise<void> {
    this.#choking.stop();
    await this.#downloader.stop();
  }

  #endUploads(): void {
    this.#finishing = true;
    this.#choking.stop();
    // Whole pieces that wait come from others. A BitTorrent client asks block by block, and still has to ask for some.
    for (const session of this.#options.sessions) if (session.link.dialect === 'lan') choke(session);
  }

  #onPiece(index: PieceIndex, from: PeerSession): void {
    const { counters, sessions, store } = this.#options;
    counters.downloadedBytes += pieceSize(store.metainfo, index);
    counters.contributors.add(from.link.peerId);
    from.standing.verified();
    this.#indexes.reconsider(from.link.peerId);
    for (const session of sessions) {
      // Also to who has it: it must learn when we are complete, and lingers for us until then.
      if (!session.theirs.complete || this.#tellsEverything) session.link.have(index);
      if (!session.theirs.has(index)) continue;
      session.wanted--;
      this.#showInterest(session);
    }
    this.#options.onPiece(index, from);
    if (store.goal.reached) this.#onComplete();
    // It is believed now, so more may be asked of it.
    else if (sessions.has(from)) this.#downloader.fill(from);
  }

  /** The peer does not have the piece after all: it must not be asked again at once. */
  #onLacking(session: PeerSession, index: PieceIndex): void {
    if (!this.#indexes.lost(session, index)) return;
    if (this.#options.store.goal.lacks(index)) session.wanted--;
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

  get #tellsEverything(): boolean {
    return this.#options.rules.telling === 'everything';
  }

  #showInterest(session: PeerSession): void {
    const want = session.wanted > 0;
    if (want === session.amInterested) return;
    session.amInterested = want;
    if (want) session.link.interested();
    else session.link.notInterested();
  }

  /** We want nothing more, and they have nothing left to want. */
  #closeIfUseless(session: PeerSession): void {
    if (this.#options.rules.uselessLinks === 'kept') return;
    if (this.#options.store.goal.reached && session.theirs.complete && session.toldIndex) {
      session.link.close('nothing to exchange');
    }
  }
}

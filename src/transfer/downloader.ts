import type { LanshareError } from '../errors.ts';
import { asLanshareError } from '../errors.ts';
import { MAX_BACKLOG_BYTES } from '../limits.ts';
import { allPieces, type Metainfo, type PieceIndex, pieceIndex, pieceSize } from '../metainfo/metainfo.ts';
import type { ArrivedPiece } from '../peer/peer-link.ts';
import type { Availability } from '../pieces/availability.ts';
import { Bitfield } from '../pieces/bitfield.ts';
import { type PickOrder, type PieceInFlight, pickEndgame, pickPieces } from '../pieces/picker.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { ProtocolError } from '../wire/lan/message.ts';
import type { Asking } from './exchange-rules.ts';
import type { PeerSession } from './peer-session.ts';
import { PieceBuffers } from './piece-buffers.ts';
import type { PieceJudge } from './piece-judge.ts';
import { RequestPolicy } from './request-policy.ts';

export interface DownloaderOptions {
  readonly store: ContentStore;
  readonly availability: Availability;
  readonly order: PickOrder;
  readonly clock: Clock;
  readonly random: Random;
  readonly asking: Asking;
  readonly judge: PieceJudge;
  sessions(): Iterable<PeerSession>;
  /** Of the rate limit; Infinity without one. */
  readonly bytesPerSecond: number;
  /** Whether the availability counts the peer as proven, by this link. */
  provenBy(session: PeerSession): boolean;
  /** Verified and written. */
  onPiece(index: PieceIndex, from: PeerSession): void;
  /** The peer's data is not the content. */
  onCorrupt(index: PieceIndex, from: PeerSession): void;
  /** The piece was damaged on the way too often. */
  onDamaged(from: PeerSession): void;
  /** The store cannot take pieces any more. */
  onFault(error: LanshareError): void;
  /** More has arrived than could be hashed and written (true), or the backlog is gone (false). */
  onBacklog(blocked: boolean): void;
}

/** Decides what is asked of whom, and takes what arrives: buffer, hash, write, only then the bit. */
export class Downloader {
  readonly #options: DownloaderOptions;
  readonly #metainfo: Metainfo;
  readonly #buffers: PieceBuffers;
  readonly #policy: RequestPolicy;
  /** Wanted, missing, asked of nobody, not being verified. */
  readonly #unrequested: Bitfield;
  readonly #askedOf = new Map<PieceIndex, Set<PeerSession>>();
  readonly #verifying = new Set<PieceIndex>();
  readonly #underWay = new Set<Promise<void>>();
  #backlogBytes = 0;
  #blocked = false;
  #stopped = false;

  constructor(options: DownloaderOptions) {
    this.#options = options;
    this.#metainfo = options.store.metainfo;
    this.#buffers = new PieceBuffers(this.#metainfo);
    const { pieceLength } = this.#metainfo;
    this.#policy = new RequestPolicy({ ...options, asking: options.asking.kind, pieceLength });
    this.#unrequested = new Bitfield(this.#metainfo.pieceCount);
    for (const index of allPieces(this.#metainfo.pieceCount))
      if (options.store.goal.lacks(index)) this.#unrequested.add(index);
  }

  /** Asks for nothing more; resolves when what has arrived is written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#underWay);
  }

  /** Keeps the peer's request window full. */
  fill(session: PeerSession): void {
    if (session.choking || !session.amInterested || this.#stopped) return;
    if (session.snubbedSince !== undefined) return;
    if (!this.#policy.hasPlace(session)) return;
    const { availability, order, random } = this.#options;
    const window = this.#policy.windowPieces(session);
    const room = window - session.outstanding.size;
    // Picking looks at every piece, so it is done for several at once where pieces are small and many.
    if (room < Math.max(1, Math.floor(window / REFILLS_PER_WINDOW))) return;
    const maxHolders = this.#policy.maxHolders(session);
    const state = { unrequested: this.#unrequested, availability, order, maxHolders };
    const picked = pickPieces(state, session.theirs, room, random);
    for (const index of picked) this.#request(session, index);
    if (session.outstanding.size === 0) this.#endgame(session);
  }

  /** Asks those who are asked for nothing. */
  fillIdle(): void {
    this.#fillIdleOf([...this.#options.sessions()]);
  }

  /** Gives everything the peer was asked for to others. */
  release(session: PeerSession): void {
    for (const index of session.outstanding.keys()) this.#unask(session, index);
    session.outstanding.clear();
    session.cancelled.clear();
  }

  /**
   * Nothing has come of what was asked of these peers: it is anybody's again. They themselves are asked last, but at
   * once: a request may have been lost, and what comes late is taken.
   */
  askAgain(unanswered: readonly PeerSession[]): void {
    for (const session of unanswered) this.release(session);
    const others = [...this.#options.sessions()].filter((session) => !unanswered.includes(session));
    this.#fillIdleOf(others);
    for (const session of unanswered) this.fill(session);
  }

  /** Nothing comes from this peer: others are asked, and it is asked again when it has brought something. */
  setAside(session: PeerSession): void {
    session.snubbedSince = session.owesSince;
    for (const index of session.outstanding.keys()) session.link.cancel(index);
    this.release(session);
  }

  /**
   * A partial peer has the piece now: a complete one that was asked for it is spared, if it has not begun. Its
   * answer to the cancel (a reject, or the piece) decides who brings it. Who has given nothing yet is not believed
   * so far: anybody could take everything back that we have asked for.
   */
  heldElsewhere(session: PeerSession, index: PieceIndex): void {
    if (this.#options.asking.kind === 'plain') return;
    if (session.choking || session.theirs.complete || session.standing.value !== 'proven') return;
    for (const asked of this.#askedOf.get(index) ?? []) {
      if (asked.cancelled.has(index) || this.#policy.maxHolders(asked) === Number.POSITIVE_INFINITY) continue;
      asked.cancelled.add(index);
      asked.link.cancel(index);
    }
  }

  /** Returns the piece where the peer does not have it after all. */
  rejected(session: PeerSession, index: number): PieceIndex | undefined {
    const asked = index as PieceIndex;
    session.asked.delete(asked);
    if (!session.outstanding.delete(asked)) return undefined;
    this.#unask(session, asked);
    return session.cancelled.delete(asked) ? undefined : asked;
  }

  /** The buffer for a piece whose frame begins, or undefined where it is not needed any more. */
  takePiece(session: PeerSession, index: number, length: number): Uint8Array | undefined {
    const asked = pieceIndex(index, this.#metainfo.pieceCount);
    if (asked === undefined || !session.asked.has(asked))
      throw new ProtocolError(`piece ${index} was not asked for`);
    if (length !== pieceSize(this.#metainfo, asked))
      throw new ProtocolError(`piece ${index} with ${length} bytes`);
    const needed = !this.#options.store.have.has(asked) && !this.#verifying.has(asked);
    if (needed && !this.#stopped) return this.#buffers.take(asked);
    this.#settle(session, asked);
    this.fill(session);
    return undefined;
  }

  releaseBuffer(buffer: Uint8Array): void {
    this.#buffers.release(buffer);
  }

  arrived(session: PeerSession, piece: ArrivedPiece): void {
    const now = this.#options.clock.now();
    session.snubbedSince = undefined;
    session.downloadedBytes += piece.content.length;
    this.#settle(session, piece.index);
    if (this.#options.store.have.has(piece.index) || this.#verifying.has(piece.index)) {
      this.#buffers.release(piece.content);
    } else {
      this.#measure(session, now);
      this.#cancelElsewhere(piece.index);
      this.#verifying.add(piece.index);
      this.#unrequested.delete(piece.index);
      const verified = this.#verify(session, piece).finally(() => this.#underWay.delete(verified));
      this.#underWay.add(verified);
    }
    // A place that has become free goes to who makes the most of it.
    if (session.outstanding.size === 0) this.fillIdle();
    else this.fill(session);
  }

  async #verify(session: PeerSession, piece: ArrivedPiece): Promise<void> {
    const { store, judge } = this.#options;
    this.#addBacklog(piece.content.length);
    try {
      const { right, crc32 } = await judge(this.#metainfo, piece.index, piece.content);
      if (right) {
        await store.write(piece.index, piece.content, crc32);
        this.#verifying.delete(piece.index);
        if (!this.#stopped) this.#options.onPiece(piece.index, session);
      } else {
        this.#giveBack(piece.index);
        if (piece.sentCrc32 === undefined || piece.sentCrc32 === crc32)
          this.#options.onCorrupt(piece.index, session);
        else this.#damaged(session);
      }
    } catch (error) {
      this.#giveBack(piece.index);
      if (!this.#stopped) this.#options.onFault(asLanshareError(error));
    } finally {
      this.#buffers.release(piece.content);
      this.#addBacklog(-piece.content.length);
    }
  }

  /** What arrived is not what was sent: that happens, but not again and again. */
  #damaged(session: PeerSession): void {
    session.damagedPieces++;
    if (session.damagedPieces >= MAX_DAMAGED_PIECES) this.#options.onDamaged(session);
  }

  #giveBack(index: PieceIndex): void {
    this.#verifying.delete(index);
    if (this.#options.store.goal.lacks(index)) this.#unrequested.add(index);
  }

  // ---- asking --------------------------------------------------------------------------------------------

  #request(session: PeerSession, index: PieceIndex): void {
    const now = this.#options.clock.now();
    if (session.outstanding.size === 0) session.lastPieceAt = now;
    session.outstanding.set(index, now);
    const earlier = this.#options.asking.kind === 'plain' ? (session.asked.get(index) ?? 0) : 0;
    session.asked.set(index, earlier + 1);
    this.#unrequested.delete(index);
    const asked = this.#askedOf.get(index) ?? new Set();
    this.#askedOf.set(index, asked.add(session));
    session.link.request(index);
  }

  #fillIdleOf(sessions: readonly PeerSession[]): void {
    const idle = sessions.filter((session) => session.outstanding.size === 0);
    for (const session of this.#policy.inAskingOrder(idle)) this.fill(session);
  }

  #endgame(session: PeerSession): void {
    if (this.#options.asking.kind === 'plain' || session.standing.value === 'doubted') return;
    const own = session.msPerPiece ?? ENDGAME_GUESS_MS;
    const index = pickEndgame(this.#inFlight(), session.theirs, own);
    if (index !== undefined) this.#request(session, index);
  }

  *#inFlight(): Generator<PieceInFlight> {
    const now = this.#options.clock.now();
    for (const session of this.#options.sessions()) {
      let place = 0;
      for (const index of session.outstanding.keys()) {
        place++;
        let expectedMs = place * pace(session, now);
        let askedOf = 0;
        for (const other of this.#askedOf.get(index) ?? []) {
          if (other.standing.value === 'proven') askedOf++;
          // Of the others it is the next piece at best.
          if (other !== session) expectedMs = Math.min(expectedMs, pace(other, now));
        }
        yield { index, askedOf: Math.max(1, askedOf), expectedMs };
      }
    }
  }

  // ---- bookkeeping ---------------------------------------------------------------------------------------

  /** This peer is not waited for any more with this piece. */
  #settle(session: PeerSession, index: PieceIndex): void {
    const answers = session.asked.get(index) ?? 0;
    if (answers > 1) session.asked.set(index, answers - 1);
    else session.asked.delete(index);
    session.cancelled.delete(index);
    if (session.outstanding.delete(index)) this.#unask(session, index);
  }

  #unask(session: PeerSession, index: PieceIndex): void {
    const asked = this.#askedOf.get(index);
    asked?.delete(session);
    if (asked !== undefined && asked.size > 0) return;
    this.#askedOf.delete(index);
    if (this.#options.store.goal.lacks(index) && !this.#verifying.has(index)) this.#unrequested.add(index);
  }

  #cancelElsewhere(index: PieceIndex): void {
    // Who cannot be told brings it, too, and is asked for nothing else before.
    if (this.#options.asking.kind === 'plain') return;
    const others = this.#askedOf.get(index);
    this.#askedOf.delete(index);
    for (const other of others ?? []) {
      other.outstanding.delete(index);
      other.link.cancel(index);
      this.fill(other);
    }
  }

  #measure(session: PeerSession, now: number): void {
    const took = now - session.lastPieceAt;
    session.msPerPiece = session.msPerPiece === undefined ? took : session.msPerPiece * 0.7 + took * 0.3;
    session.lastPieceAt = now;
  }

  #addBacklog(bytes: number): void {
    this.#backlogBytes += bytes;
    const blocked = this.#backlogBytes > (this.#blocked ? MAX_BACKLOG_BYTES / 2 : MAX_BACKLOG_BYTES);
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#options.onBacklog(blocked);
  }
}

/** A window is filled again when this part of it is free. */
const REFILLS_PER_WINDOW = 4;
/** Damage on the way is rare; a peer whose checksums fail so often is as good as broken. */
const MAX_DAMAGED_PIECES = 3;
/** Before a peer has brought anything: longer than a LAN needs, so that the start is not mistaken for the end. */
const ENDGAME_GUESS_MS = 250;

/** Milliseconds until the peer's next piece, as far as one can tell. Claims alone are soon not waited for. */
function pace(session: PeerSession, now: number): number {
  const quietMs = now - session.lastPieceAt;
  switch (session.standing.value) {
    case 'proven':
      return Math.max(session.msPerPiece ?? ENDGAME_GUESS_MS, quietMs);
    case 'unproven':
      return quietMs > ENDGAME_GUESS_MS ? Number.POSITIVE_INFINITY : ENDGAME_GUESS_MS;
    case 'doubted':
      return Number.POSITIVE_INFINITY;
  }
}

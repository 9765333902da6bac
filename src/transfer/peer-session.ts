import type { PeerStanding } from '../holdings/standing.ts';
import { LINK_QUIET_MS } from '../limits.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { PeerLink } from '../peer/peer-link.ts';
import { Bitfield } from '../pieces/bitfield.ts';
import { RateMeter } from '../pieces/rate-meter.ts';
import type { Endpoint } from '../platform/endpoint.ts';

/** What is known of one linked peer. Plain state: the swarm, the downloader and the choking change it. */
export class PeerSession {
  readonly link: PeerLink;
  /** How far the peer is believed; the same for all its links. */
  readonly standing: PeerStanding;
  /** It was opened beside another link to the same peer, over another network. */
  readonly second: boolean;
  /** The pieces they said they have, as far as we can number them. */
  theirs: Bitfield;
  /** Where others can dial the peer, as far as it is known. */
  listensAt: Endpoint | undefined;
  /** Bytes of the info dictionary that they can give; undefined where they have none yet. */
  metainfoSize: number | undefined;
  /** Their index before we know how many pieces there are. */
  early: { bits: Uint8Array | 'all' | undefined; haves: number[] } | undefined;
  /** A bitfield may come once, and not after a have. */
  toldIndex = false;
  /** They choke us, want something of us; we choke them, want something of them. */
  choking = true;
  interested = false;
  amChoking = true;
  amInterested = false;
  /** When they last asked us for a piece, or were unchoked. */
  lastAskedAt = Number.NEGATIVE_INFINITY;
  /** The piece that they last asked us for. */
  lastAsked: PieceIndex | undefined;
  /** Bytes of the pieces that came whole over this link. */
  downloadedBytes = 0;
  /** Pieces they have and we lack. */
  wanted = 0;
  /** What we asked for and wait for, with the time of asking. */
  readonly outstanding = new Map<PieceIndex, number>();
  /**
   * All that we ever asked them for and did not get, with the answers that may still be on their way: where nothing can
   * be taken back, a request that is made again may be answered twice.
   */
  readonly asked = new Map<PieceIndex, number>();
  /** Requests that we took back and that the peer has not answered. */
  readonly cancelled = new Set<PieceIndex>();
  /** Milliseconds a piece took lately; undefined before the first. */
  msPerPiece: number | undefined;
  lastPieceAt: number;
  /** When a byte of a piece came; when enough of one came that it goes on. Talk is no progress. */
  lastByteAt: number;
  lastProgressAt: number;
  /** The link to the same peer that ends when something comes over this one. */
  replaces: PeerSession | undefined;
  /** What is left of the piece whose frame is open. */
  #pieceBytesDue = 0;
  #bytesSinceProgress = 0;
  /** Others are asked for all that it owes us since then, because nothing came of it. */
  snubbedSince: number | undefined;
  readonly openedAt: number;
  lastReceivedAt: number;
  lastExchangeAt: number;
  /** A piece of theirs is half here. */
  receiving = false;
  damagedPieces = 0;
  /** Set where we end the link and do not want it back before. */
  notAgainBefore: number | undefined;
  readonly down: RateMeter;
  readonly up: RateMeter;

  constructor(link: PeerLink, { standing, second, pieceCount, now }: SessionStart) {
    this.link = link;
    this.standing = standing;
    this.second = second;
    this.metainfoSize = link.metainfoSize;
    this.theirs = new Bitfield(pieceCount);
    this.lastPieceAt = now;
    this.lastByteAt = now;
    this.lastProgressAt = now;
    this.openedAt = now;
    this.lastReceivedAt = now;
    this.lastExchangeAt = now;
    this.down = new RateMeter(now);
    this.up = new RateMeter(now);
  }

  /** Bytes a second at which pieces come, or undefined before the first. */
  pieceRate(pieceLength: number): number | undefined {
    return this.msPerPiece === undefined ? undefined : (pieceLength * 1000) / Math.max(this.msPerPiece, 0.1);
  }

  /** Since when it owes us pieces; undefined where it owes none. */
  get owesSince(): number | undefined {
    const [askedAt] = this.outstanding.values();
    return askedAt ?? this.snubbedSince;
  }

  /** It owes us a piece, and not a byte of anything comes, although we have been reading since then. */
  isQuiet(now: number, readingSince: number): boolean {
    const { owesSince, lastReceivedAt } = this;
    if (owesSince === undefined) return false;
    return now - Math.max(owesSince, lastReceivedAt, readingSince) > LINK_QUIET_MS;
  }

  /** The frame of a piece has begun. */
  pieceBegins(length: number, now: number): void {
    this.#pieceBytesDue = length;
    this.lastByteAt = now;
  }

  pieceEnds(now: number): void {
    this.#pieceBytesDue = 0;
    this.lastByteAt = now;
    this.lastProgressAt = now;
  }

  received(bytes: number, now: number): void {
    this.lastReceivedAt = now;
    this.lastExchangeAt = now;
    this.down.add(bytes, now);
    if (this.#pieceBytesDue === 0) return;
    this.lastByteAt = now;
    this.#pieceBytesDue = Math.max(0, this.#pieceBytesDue - bytes);
    this.#bytesSinceProgress += bytes;
    if (this.#bytesSinceProgress < LEAST_PROGRESS_BYTES) return;
    this.#bytesSinceProgress = 0;
    this.lastProgressAt = now;
  }
}

const LEAST_PROGRESS_BYTES = 16 * 1024;

export interface SessionStart {
  readonly standing: PeerStanding;
  readonly second: boolean;
  /** 0 where it is not known yet. */
  readonly pieceCount: number;
  readonly now: number;
}

import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { PeerLink } from '../peer/peer-link.ts';
import { Bitfield } from '../pieces/bitfield.ts';
import { RateMeter } from '../pieces/rate-meter.ts';

/** What is known of one linked peer. Plain state: the swarm, the downloader and the choking change it. */
export class PeerSession {
  readonly link: PeerLink;
  /** The pieces they said they have, as far as we can number them. */
  theirs: Bitfield;
  /** Bytes of the info dictionary that they can give; undefined where they have none yet. */
  metainfoSize: number | undefined;
  /** Their index before we know how many pieces there are. */
  early: { bits: Uint8Array | undefined; haves: number[] } | undefined;
  /** A bitfield may come once, and not after a have. */
  toldIndex = false;
  /** They choke us, want something of us; we choke them, want something of them. */
  choking = true;
  interested = false;
  amChoking = true;
  amInterested = false;
  /** When they last asked us for a piece, or were unchoked. */
  lastAskedAt = Number.NEGATIVE_INFINITY;
  /** Pieces they have and we lack. */
  wanted = 0;
  /** What we asked for and wait for, with the time of asking. */
  readonly outstanding = new Map<PieceIndex, number>();
  /** All that we ever asked them for and did not get: it may still be on its way. */
  readonly asked = new Set<PieceIndex>();
  /** Requests that we took back and that the peer has not answered. */
  readonly cancelled = new Set<PieceIndex>();
  /** Milliseconds a piece took lately; undefined before the first. */
  msPerPiece: number | undefined;
  lastPieceAt: number;
  readonly openedAt: number;
  lastReceivedAt: number;
  lastExchangeAt: number;
  /** A piece of theirs is half here. */
  receiving = false;
  damagedPieces = 0;
  readonly down: RateMeter;
  readonly up: RateMeter;

  constructor(link: PeerLink, pieceCount: number, now: number) {
    this.link = link;
    this.metainfoSize = link.metainfoSize;
    this.theirs = new Bitfield(pieceCount);
    this.lastPieceAt = now;
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
}

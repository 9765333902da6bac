import {
  LIMITED_REQUESTS_MS,
  MAX_PIECE_BUFFER_BYTES,
  MIN_LIMITED_REQUESTS,
  UNPROVEN_REQUESTS,
} from '../limits.ts';
import { type Contender, hasPlace } from '../pieces/places.ts';
import { requestWindowBytes } from '../pieces/request-window.ts';
import type { Clock } from '../platform/clock.ts';
import type { Asking } from './exchange-rules.ts';
import type { PeerSession } from './peer-session.ts';

export interface RequestPolicyOptions {
  readonly pieceLength: number;
  readonly clock: Clock;
  /** Of the rate limit; Infinity without one. */
  readonly bytesPerSecond: number;
  sessions(): Iterable<PeerSession>;
  /** Whether complete peers are spared, and who is doubted is asked last. */
  readonly asking: Asking['kind'];
  /** Whether the availability counts the peer as proven, by this link. */
  provenBy(session: PeerSession): boolean;
}

/** How much may be asked of a peer, and of which pieces. */
export class RequestPolicy {
  readonly #options: RequestPolicyOptions;

  constructor(options: RequestPolicyOptions) {
    this.#options = options;
  }

  /** Whole pieces that may be outstanding at the peer. What was only claimed is asked for in small numbers. */
  windowPieces(session: PeerSession): number {
    return Math.min(this.#windowByStanding(session), session.link.maxRequests, this.#windowByLimit(session));
  }

  /**
   * Only pieces that no more than so many proven peers hold. A complete peer is the only source of some pieces and
   * everybody asks it. As long as the partial peers can give the others about as fast, it is spared them: its
   * uplink then carries each piece about once, however many fetch (the least that a swarm needs, Kumar and Ross). Who
   * is doubted is asked only for what nobody proven has.
   */
  maxHolders(session: PeerSession): number {
    if (this.#options.asking === 'plain') return Number.POSITIVE_INFINITY;
    if (session.standing.value === 'doubted') return 0;
    if (!session.theirs.complete) return Number.POSITIVE_INFINITY;
    let completePeers = 0;
    let partialRate = 0;
    for (const other of this.#options.sessions()) {
      if (other.theirs.complete) completePeers += this.#options.provenBy(other) ? 1 : 0;
      else if (canGive(other)) partialRate += this.#rate(other) ?? Number.POSITIVE_INFINITY;
    }
    const sufficient = partialRate * SPARING_FACTOR >= (this.#rate(session) ?? 1);
    return sufficient ? completePeers : Number.POSITIVE_INFINITY;
  }

  /** The buffers of all peers that are asked are bounded together. */
  hasPlace(session: PeerSession): boolean {
    const places = Math.max(2, Math.floor(MAX_PIECE_BUFFER_BYTES / this.#options.pieceLength));
    const sessions = [...this.#options.sessions()];
    if (sessions.length <= places) return true;
    return hasPlace(
      this.#contender(session),
      sessions.map((one) => this.#contender(one)),
      places,
    );
  }

  /** Who is asked first: who was never tried, then the fastest, and last whose claims failed. */
  inAskingOrder(sessions: readonly PeerSession[]): PeerSession[] {
    const rate = (session: PeerSession): number => {
      if (session.standing.value === 'doubted') return -1;
      return this.#rate(session) ?? Number.MAX_VALUE;
    };
    return [...sessions].sort((a, b) => rate(b) - rate(a));
  }

  #windowByStanding(session: PeerSession): number {
    switch (session.standing.value) {
      case 'doubted':
        return 1;
      case 'unproven':
        return UNPROVEN_REQUESTS;
      case 'proven':
        return this.#windowByRate(session);
    }
  }

  /**
   * What a rate limit lets in within a moment, of all peers together: a piece of each of fifty peers at once would
   * all be under way for minutes, and nobody would be read meanwhile.
   */
  #windowByLimit({ outstanding }: PeerSession): number {
    const { bytesPerSecond, pieceLength, sessions } = this.#options;
    if (bytesPerSecond === Number.POSITIVE_INFINITY) return bytesPerSecond;
    const pieces = Math.max(
      MIN_LIMITED_REQUESTS,
      Math.floor((bytesPerSecond * LIMITED_REQUESTS_MS) / 1_000 / pieceLength),
    );
    let elsewhere = -outstanding.size;
    for (const session of sessions()) elsewhere += session.outstanding.size;
    return Math.max(0, pieces - elsewhere);
  }

  #windowByRate(session: PeerSession): number {
    const { pieceLength } = this.#options;
    const window = requestWindowBytes(session.pieceRate(pieceLength) ?? 0, pieceLength);
    return Math.floor(window / pieceLength);
  }

  #contender(session: PeerSession): Contender {
    const { outstanding, receiving, amInterested, choking, snubbedSince } = session;
    return {
      asked: outstanding.size > 0 || receiving,
      able: amInterested && !choking && snubbedSince === undefined,
      rate: this.#rateNow(session),
    };
  }

  #rate(session: PeerSession): number | undefined {
    return session.pieceRate(this.#options.pieceLength);
  }

  /** Before the first piece, by how long it keeps us waiting for it; undefined where it was not asked yet. */
  #rateNow(session: PeerSession): number | undefined {
    const { owesSince } = session;
    if (session.msPerPiece !== undefined || owesSince === undefined) return this.#rate(session);
    const waitedMs = Math.max(1, this.#options.clock.now() - owesSince);
    return (this.#options.pieceLength * 1000) / waitedMs;
  }
}

/** A partial peer that will give what it says that it has, as it did before. */
function canGive({ choking, wanted, standing, snubbedSince }: PeerSession): boolean {
  return !choking && wanted > 0 && standing.value === 'proven' && snubbedSince === undefined;
}

/** Partial peers together may be so much slower than the complete one and still be preferred. */
const SPARING_FACTOR = 4;

import { MAX_PEERS_KNOWN } from '../limits.ts';
import type { PeerId } from './holding.ts';

/**
 * How far a peer's word is believed. What it says that it holds is a claim until one of its pieces has verified;
 * where claims fail, all that it says counts for less.
 */
export type Standing = 'proven' | 'unproven' | 'doubted';

/** How a claim failed. */
export type FailedClaim =
  /** It refused a piece that it had announced. */
  | 'rejected'
  /** It was asked and nothing came. */
  | 'stalled'
  /** What came was not the content. */
  | 'corrupt'
  /** Nobody answered at any of its addresses, again and again. */
  | 'unreachable';

const DOUBTED_FROM_POINTS = 3;
/** A piece refused may be an accident; silence and corrupt data are seldom one. */
const POINTS: Readonly<Record<FailedClaim, number>> = {
  rejected: 1,
  stalled: 2,
  corrupt: DOUBTED_FROM_POINTS,
  unreachable: DOUBTED_FROM_POINTS,
};

/** One peer's record. Each piece that verifies takes one point off. */
export class PeerStanding {
  #proven = false;
  #points = 0;

  get value(): Standing {
    if (this.#points >= DOUBTED_FROM_POINTS) return 'doubted';
    return this.#proven ? 'proven' : 'unproven';
  }

  /** Points for claims that failed, less those that pieces have made good. */
  get points(): number {
    return this.#points;
  }

  /** One of its pieces is what it should be. */
  verified(): void {
    this.#proven = true;
    this.#points = Math.max(0, this.#points - 1);
  }

  failed(claim: FailedClaim): void {
    this.#points += POINTS[claim];
  }
}

/** The standing of every peer that one transfer had to do with; of those seen last, where they are too many. */
export class Standings {
  readonly #peers = new Map<PeerId, PeerStanding>();

  of(peerId: PeerId): PeerStanding {
    const known = this.#peers.get(peerId);
    if (known !== undefined) return known;
    const fresh = new PeerStanding();
    this.#peers.set(peerId, fresh);
    if (this.#peers.size > MAX_PEERS_KNOWN) {
      const [oldest] = this.#peers.keys();
      if (oldest !== undefined) this.#peers.delete(oldest);
    }
    return fresh;
  }
}

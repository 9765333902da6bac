import type { PeerId, PieceSummary } from '../holdings/holding.ts';
import { MAX_PEERS_KNOWN } from '../limits.ts';
import type { Endpoint } from '../platform/endpoint.ts';

/** A peer that is said to hold (part of) the content, as gossip and the other ways to find peers tell it. */
export interface KnownHolder {
  readonly peerId: PeerId;
  readonly addresses: readonly Endpoint[];
  /** How many pieces the content has, as this peer says. */
  readonly pieceCount: number;
  readonly pieces: PieceSummary;
}

type Claim = Pick<KnownHolder, 'pieceCount' | 'pieces'>;

/** The newest word of every known holder; it is kept until the content is described and the words can be judged. */
export class KnownHolders {
  readonly #claims = new Map<PeerId, Claim>();

  hear({ peerId, pieceCount, pieces }: KnownHolder): void {
    if (!this.#claims.has(peerId) && this.#claims.size >= MAX_PEERS_KNOWN) return;
    this.#claims.set(peerId, { pieceCount, pieces });
  }

  forget(peerId: PeerId): void {
    this.#claims.delete(peerId);
  }

  peerIds(): Iterable<PeerId> {
    return this.#claims.keys();
  }

  /** What the peer announced; undefined where it is about another number of pieces than there are. */
  announced(peerId: PeerId, pieceCount: number): PieceSummary | undefined {
    const claim = this.#claims.get(peerId);
    return claim?.pieceCount === pieceCount ? claim.pieces : undefined;
  }
}

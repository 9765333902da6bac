import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Holding, PeerId } from './holding.ts';
import type { HeardAddress } from './peer-record.ts';

/** A peer that says it holds (part of) a content, and where it can be reached. */
export interface Holder {
  readonly peerId: PeerId;
  readonly holding: Holding;
  /** The one heard last stands first. */
  readonly addresses: readonly HeardAddress[];
}

/**
 * One content with everybody who holds of it. Name, length and piece count are what most holders say; all of
 * it is a claim until the metainfo has come and fits the info-hash.
 */
export interface KnownContent {
  readonly infoHash: InfoHash;
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  readonly pieceCount: number;
  readonly holders: readonly Holder[];
}

/** What most of them say; the first one wins a tie. Undefined without any. */
export function mostCommonClaim(holdings: Iterable<Holding>): Holding | undefined {
  const votes = new Map<string, { readonly claim: Holding; count: number }>();
  for (const claim of holdings) {
    const key = `${claim.length} ${claim.pieceCount} ${claim.name}`;
    const vote = votes.get(key);
    if (vote === undefined) votes.set(key, { claim, count: 1 });
    else vote.count++;
  }
  let winner: { readonly claim: Holding; count: number } | undefined;
  for (const vote of votes.values()) if (winner === undefined || vote.count > winner.count) winner = vote;
  return winner?.claim;
}

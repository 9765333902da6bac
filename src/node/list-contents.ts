import { heldCount } from '../holdings/holding.ts';
import type { KnownContent } from '../holdings/known-content.ts';
import { sleep } from '../platform/clock.ts';
import type { Listing } from './api.ts';
import type { NodeContext } from './context.ts';

/** Asks everybody and gives the answers of `waitMs`. */
export async function listContents(
  { finder, clock }: NodeContext,
  waitMs: number,
  signal: AbortSignal,
): Promise<readonly Listing[]> {
  const stopSeeking = finder.seek({ kind: 'everything' });
  try {
    await sleep(clock, waitMs, signal);
  } finally {
    stopSeeking();
  }
  return finder.table
    .contents()
    .map(listingOf)
    .sort((a, b) => a.name.localeCompare(b.name) || a.infoHash.localeCompare(b.infoHash));
}

export function listingOf({ infoHash, name, length, pieceCount, holders }: KnownContent): Listing {
  return {
    infoHash,
    name,
    length,
    pieceCount,
    holders: holders.map(({ peerId, holding, addresses }) => ({
      peerId,
      endpoints: addresses.map(({ endpoint }) => endpoint),
      paths: [...new Set(addresses.map(({ path }) => path))],
      piecesHeld: heldCount(holding),
    })),
  };
}

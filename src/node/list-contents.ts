import { heldCount } from '../holdings/holding.ts';
import type { Holder, KnownContent } from '../holdings/known-content.ts';
import { LIST_WAIT_MDNS_MS, LIST_WAIT_MS } from '../limits.ts';
import { sleep } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { ListedHolder, Listing } from './api.ts';
import type { NodeContext } from './context.ts';

/** Asks everybody and gives the answers of `waitMs`; by default as long as the slowest usual answer takes. */
export async function listContents(
  { finder, clock }: NodeContext,
  waitMs: number | undefined,
  signal: AbortSignal,
): Promise<readonly Listing[]> {
  const stopSeeking = finder.seek({ kind: 'everything' });
  try {
    await sleep(clock, waitMs ?? usualWaitMs(finder), signal);
  } finally {
    stopSeeking();
  }
  return finder.table
    .contents()
    .map(listingOf)
    .sort((a, b) => a.name.localeCompare(b.name) || a.infoHash.localeCompare(b.infoHash));
}

function usualWaitMs(finder: NodeContext['finder']): number {
  const beacon = finder.reports().some(({ path, interfaces }) => path === 'beacon' && interfaces.length > 0);
  return beacon ? LIST_WAIT_MS : LIST_WAIT_MDNS_MS;
}

export function listingOf({ infoHash, name, length, pieceCount, holders }: KnownContent): Listing {
  return {
    infoHash,
    name,
    length,
    pieceCount,
    holders: holders.map(listedHolder),
  };
}

export function listedHolder({ peerId, holding, addresses }: Holder): ListedHolder {
  return {
    peerId,
    endpoints: distinct(addresses.map(({ endpoint }) => endpoint)),
    paths: [...new Set(addresses.map(({ path }) => path))],
    piecesHeld: heldCount(holding),
  };
}

/** An address that was heard in two ways is one address. */
function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return [...new Map(endpoints.map((endpoint) => [formatEndpoint(endpoint), endpoint])).values()];
}

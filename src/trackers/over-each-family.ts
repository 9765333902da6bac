import { TRACKER_OTHER_FAMILY_GRACE_MS } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import type { AnnounceAnswer } from '../wire/tracker/announce.ts';
import type { AddressFamily } from '../wire/tracker/compact-peers.ts';
import { waitFor } from './wait-for.ts';

type Announce = (family: AddressFamily, signal: AbortSignal) => Promise<AnnounceAnswer>;

/**
 * Announces over each address family that a tracker can be reached by. It sees one address of ours each time, and BEP 15
 * gives peers of that family alone; the `key` tells that both are one peer (BEP 7). One answer is enough: where both fail,
 * rejects with the fault of the first. `families` is not empty.
 */
export async function overEachFamily(
  families: readonly AddressFamily[],
  announce: Announce,
  clock: Clock,
  signal: AbortSignal,
): Promise<AnnounceAnswer> {
  const late = new AbortController();
  const either = AbortSignal.any([signal, late.signal]);
  const answers: AnnounceAnswer[] = [];
  const asked = families.map(async (family) => {
    answers.push(await announce(family, either));
  });
  try {
    await Promise.any(asked);
    await waitFor(Promise.allSettled(asked), TRACKER_OTHER_FAMILY_GRACE_MS, clock, signal);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    late.abort();
  }
  return answers.reduce(together);
}

/** A tracker knows most peers by both families: the counts do not add up. */
function together(one: AnnounceAnswer, other: AnnounceAnswer): AnnounceAnswer {
  return {
    intervalSeconds: larger(one.intervalSeconds, other.intervalSeconds),
    minIntervalSeconds: larger(one.minIntervalSeconds, other.minIntervalSeconds),
    seeders: larger(one.seeders, other.seeders),
    leechers: larger(one.leechers, other.leechers),
    peers: [...one.peers, ...other.peers],
    warning: one.warning ?? other.warning,
    trackerId: one.trackerId ?? other.trackerId,
  };
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}

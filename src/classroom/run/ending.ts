import { FAREWELL_WAIT_MS, STUCK_PEERS_MS } from '../../limits.ts';
import type { CommonConfig } from '../config/project.ts';
import type { Neighbor } from './roster.ts';

/** What decides whether a run is over. */
export interface Standing {
  /** Our file is whole and under its name. */
  readonly complete: boolean;
  readonly neighbors: readonly Neighbor[];
  /** Somebody who is linked has what we lack, or lacks what we have. */
  readonly canGoOn: boolean;
  /** Since a piece moved, or somebody told of more pieces than it ever had. */
  readonly idleMs: number;
}

export type Ending = 'not yet' | 'all complete' | 'given up';

/**
 * Whether to go. Nobody goes before all are known to be complete, and not before all have heard that we are: who was
 * not linked then is waited for a moment. Whoever is missing is waited for as long as the user says; peers that are here
 * and do nothing with what they could do are given more time, because a choking interval may be long.
 */
export function endingOf(standing: Standing, waitMs: number, common: CommonConfig): Ending {
  const { complete, neighbors, canGoOn, idleMs } = standing;
  if (complete && neighbors.every((neighbor) => neighbor.complete)) {
    const allKnow = neighbors.every(({ knowsOurEnd }) => knowsOurEnd);
    return allKnow || idleMs > FAREWELL_WAIT_MS ? 'all complete' : 'not yet';
  }
  return idleMs > (canGoOn ? Math.max(waitMs, stuckMs(common)) : waitMs) ? 'given up' : 'not yet';
}

/** Everybody has had several turns to be unchoked by then. */
function stuckMs({ unchokingIntervalSeconds, optimisticUnchokingIntervalSeconds }: CommonConfig): number {
  const roundsMs = (unchokingIntervalSeconds + optimisticUnchokingIntervalSeconds) * 1000;
  return Math.max(STUCK_PEERS_MS, TURNS * roundsMs);
}

const TURNS = 4;

import type { LanshareError } from '../errors.ts';
import { IDLE_TIMEOUT_MS } from '../limits.ts';
import { repeat } from '../platform/clock.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { FetchTarget } from './api.ts';
import type { NodeContext } from './context.ts';
import { nobodyHas } from './resolve-name.ts';
import { targetName } from './target-name.ts';

const SEARCHING_INTERVAL_MS = 1_000;
const WATCH_INTERVAL_MS = 250;

/** Emits `searching` now and every second until the returned function is called. */
export function tellSearching({ clock, finder, emit }: NodeContext, wanted: FetchTarget): () => void {
  const target = targetName(wanted);
  const tell = (): void => emit({ event: 'searching', target, discovery: finder.reports() });
  tell();
  const timer = repeat(clock, SEARCHING_INTERVAL_MS, tell);
  return () => timer.cancel();
}

/**
 * Fails the fetch when not one byte of a piece has come for `timeoutMs`. A peer that has what we lack and
 * keeps us waiting in its queue is waited for longer.
 */
export function watchProgress(
  { clock, finder }: NodeContext,
  swarm: Swarm,
  name: string,
  timeoutMs: number,
  fail: (error: LanshareError) => void,
): () => void {
  const startedAt = clock.now();
  const timer = repeat(clock, WATCH_INTERVAL_MS, () => {
    if (swarm.complete) return;
    const idleMs = clock.now() - Math.max(startedAt, swarm.counters.lastPieceAt);
    const patienceMs = swarm.waitsItsTurn ? Math.max(timeoutMs, IDLE_TIMEOUT_MS) : timeoutMs;
    if (idleMs > patienceMs)
      fail(
        nobodyHas(`"${name}"`, patienceMs, finder.reports(), {
          lastTrouble: swarm.lastTrouble,
          pieces: swarm.piecesHeld,
        }),
      );
  });
  return () => timer.cancel();
}

import { LAST_PIECES_TIMEOUT_MS } from '../limits.ts';
import { type Clock, sleep } from '../platform/clock.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { NodeEvent, SeedGoal } from './api.ts';

/** How often what was sent is compared with a ratio. */
const RATIO_POLL_MS = 100;
const FINISH_POLL_MS = 50;

/** What a goal is measured on. */
export interface Served {
  readonly clock: Clock;
  readonly swarm: Pick<Swarm, 'counters' | 'finishUploads'>;
  readonly store: Pick<ContentStore, 'metainfo' | 'goal'>;
}

export type Seeded = Extract<NodeEvent, { event: 'seeded' }>;

type Reached = Seeded['reached'] | undefined;

/**
 * Waits for a goal, and then for those who are in the middle of a piece. Time counts from now on. Resolves with what
 * is to be told, or with undefined when the signal aborts before.
 */
export async function seedUntil(
  goal: SeedGoal,
  served: Served,
  signal: AbortSignal,
): Promise<Seeded | undefined> {
  const reached = await untilReached(goal, served, signal);
  if (reached === undefined) return undefined;
  await finishUploads(served, signal);
  if (signal.aborted) return undefined;
  const { swarm, store } = served;
  const { infoHash, name } = store.metainfo;
  const { uploadedBytes } = swarm.counters;
  return { event: 'seeded', infoHash, name, reached, uploadedBytes, ratio: ratioOf(served) };
}

/** One who asks for the same block again and again is not waited for. */
async function finishUploads({ swarm, clock }: Served, signal: AbortSignal): Promise<void> {
  const deadline = clock.now() + LAST_PIECES_TIMEOUT_MS;
  while (swarm.finishUploads() && clock.now() < deadline && !signal.aborted)
    await sleep(clock, FINISH_POLL_MS, signal);
}

async function untilReached(goal: SeedGoal, served: Served, signal: AbortSignal): Promise<Reached> {
  switch (goal.kind) {
    case 'time':
      await sleep(served.clock, goal.ms, signal);
      return signal.aborted ? undefined : 'time';
    case 'ratio':
      // A content without a byte has no ratio, and ends by its time alone.
      while ((ratioOf(served) ?? 0) < goal.ratio && !signal.aborted)
        await sleep(served.clock, RATIO_POLL_MS, signal);
      return signal.aborted ? undefined : 'ratio';
    case 'first of':
      return firstOf(goal.goals, served, signal);
  }
}

async function firstOf(goals: readonly SeedGoal[], served: Served, signal: AbortSignal): Promise<Reached> {
  const decided = new AbortController();
  try {
    const either = AbortSignal.any([signal, decided.signal]);
    return await Promise.race(goals.map((goal) => untilReached(goal, served, either)));
  } finally {
    decided.abort();
  }
}

/** Of the files that are wanted here, as a fetch of some of them never had the others. */
function ratioOf({ swarm, store }: Served): number | undefined {
  const { bytesTotal } = store.goal;
  return bytesTotal === 0 ? undefined : swarm.counters.uploadedBytes / bytesTotal;
}

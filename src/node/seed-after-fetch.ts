import { LINGER_WITHOUT_PROGRESS_MS } from '../limits.ts';
import { sleep } from '../platform/clock.ts';
import type { ContentStore } from '../storage/content-store.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { SeedPolicy } from './api.ts';
import type { NodeContext } from './context.ts';
import { seedUntil } from './seed-until.ts';

const LINGER_POLL_MS = 50;
/** A peer that has just come has not yet said whether it wants something. */
const INTEREST_EXPECTED_MS = 500;
const FOREVER_MS = 2 ** 31 - 1;

/** Serves a complete content as long as the policy asks. Resolves then, or when the signal aborts. */
export async function seedAfterFetch(
  context: NodeContext,
  swarm: Swarm,
  store: Pick<ContentStore, 'metainfo' | 'goal'>,
  policy: SeedPolicy = { kind: 'while-needed' },
  signal: AbortSignal,
): Promise<void> {
  const { clock, emit } = context;
  const { infoHash, name } = store.metainfo;
  switch (policy.kind) {
    case 'none':
      return;
    case 'while-needed':
      if (isNeeded(swarm, clock.now())) emit({ event: 'seeding', infoHash, name });
      while (isNeeded(swarm, clock.now()) && !signal.aborted) await sleep(clock, LINGER_POLL_MS, signal);
      return;
    case 'forever':
      emit({ event: 'seeding', infoHash, name });
      while (!signal.aborted) await sleep(clock, FOREVER_MS, signal);
      return;
    case 'time':
    case 'ratio':
    case 'first of': {
      emit({ event: 'seeding', infoHash, name });
      const seeded = await seedUntil(policy, { clock, swarm, store }, signal);
      if (seeded !== undefined) emit(seeded);
    }
  }
}

/** A linked peer still lacks pieces, and something passes between us. */
function isNeeded(swarm: Swarm, now: number): boolean {
  for (const session of swarm.sessions) {
    const lacksPieces = session.interested || now - session.openedAt < INTEREST_EXPECTED_MS;
    if (lacksPieces && now - session.lastExchangeAt < LINGER_WITHOUT_PROGRESS_MS) return true;
  }
  return false;
}

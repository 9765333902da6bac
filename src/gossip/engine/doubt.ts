import type { PeerId } from '../../holdings/holding.ts';

/**
 * A peer of which a sign of life is awaited. `asked`: pinged, nothing else yet. `helped`: others were asked.
 * `suspect`: neither it nor anybody for it has answered in time.
 */
export interface Doubt {
  stage: 'asked' | 'helped' | 'suspect';
  /** When it was first pinged in vain. */
  readonly since: number;
  /** When somebody else last had an answer from it. */
  vouchedAt: number | undefined;
  /** Who was asked last, and under which number. */
  helpers: ReadonlySet<PeerId>;
  helpSequence: number;
  helpAskedAt: number;
}

export function doubtSince(now: number): Doubt {
  return {
    stage: 'asked',
    since: now,
    vouchedAt: undefined,
    helpers: new Set(),
    helpSequence: -1,
    helpAskedAt: Number.NEGATIVE_INFINITY,
  };
}

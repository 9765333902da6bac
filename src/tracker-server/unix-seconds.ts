import type { Clock } from '../platform/clock.ts';

/**
 * Unix time in whole seconds that never goes back, and does not jump when somebody sets the clock: the wall clock's at
 * the start, and what has passed since.
 */
export function unixSeconds(clock: Clock): () => number {
  const atZero = clock.wallTime() - clock.now();
  return () => Math.floor((atZero + clock.now()) / 1000);
}

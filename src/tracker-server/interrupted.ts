import { LanshareError } from '../errors.ts';

/** Throws the reason of the signal where that is a LanshareError, else INTERRUPTED. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const { reason } = signal;
  throw reason instanceof LanshareError ? reason : new LanshareError('INTERRUPTED', 'interrupted');
}

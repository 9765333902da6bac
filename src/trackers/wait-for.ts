import type { Clock } from '../platform/clock.ts';

/**
 * What `promise` resolves to, or undefined after `delayMs`. Rejects with what `promise` rejects with, or with the
 * signal's reason where that aborts. `promise` itself goes on, and may then reject unseen.
 */
export function waitFor<T>(
  promise: Promise<T>,
  delayMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject).finally(end);
    const timer = clock.setTimer(Math.max(0, delayMs), () => {
      end();
      resolve(undefined);
    });
    const stop = (): void => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();

    function end(): void {
      timer.cancel();
      signal.removeEventListener('abort', stop);
    }
  });
}

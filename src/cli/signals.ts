import { LanshareError } from '../errors.ts';
import type { Host } from './host.ts';

export interface Interrupts {
  /** Aborts with the LanshareError that tells which signal it was: INTERRUPTED or TERMINATED. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  stop(): void;
}

/**
 * The first SIGINT or SIGTERM asks for a clean end; a second one ends the process at once. SIGHUP is left to
 * the system, or `nohup` would not hold.
 */
export function listenForInterrupts(
  events: Host['events'],
  exitNow: (code: number) => void,
  hint: string,
): Interrupts {
  const controller = new AbortController();
  const receive = (reason: LanshareError): void => {
    if (controller.signal.aborted) exitNow(reason.exitCode);
    else controller.abort(reason);
  };
  const onInterrupt = (): void => receive(new LanshareError('INTERRUPTED', 'interrupted', hint));
  const onTerminate = (): void => receive(new LanshareError('TERMINATED', 'terminated', hint));
  events.on('SIGINT', onInterrupt);
  events.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    stop() {
      events.off('SIGINT', onInterrupt);
      events.off('SIGTERM', onTerminate);
    },
  };
}

/** The interruption, where `error` is no more than its consequence. A full disk stays a full disk. */
export function interruptionBehind(error: unknown, signal: AbortSignal): LanshareError | undefined {
  if (!signal.aborted || !(signal.reason instanceof LanshareError)) return undefined;
  const consequence =
    error instanceof LanshareError
      ? error.code === 'INTERRUPTED' || error.code === 'TERMINATED'
      : error instanceof Error && error.name === 'AbortError';
  return consequence ? signal.reason : undefined;
}

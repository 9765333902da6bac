import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the process gets to what is due. */
export interface LoopDelay {
  /** The 99th percentile since this was last asked for, seconds; 0 where nothing was measured yet. */
  take(): number;
  close(): void;
}

/** Looks fifty times a second, which costs nothing that could be measured. */
const RESOLUTION_MS = 20;

export function openLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    take() {
      // What is recorded is the time between two looks.
      const late = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e9 - RESOLUTION_MS / 1000;
      histogram.reset();
      return Math.max(0, late);
    },
    close() {
      histogram.disable();
    },
  };
}

import type { Diagnosis, HolderFound, HolderGone } from './events.ts';

/** Shows what `list --watch` hears. */
export interface WatchView {
  take(change: HolderFound | HolderGone): void;
  /** Why nobody has been heard so far. */
  diagnose(diagnosis: Diagnosis): void;
  /** Leaves a terminal as it should be found. */
  finish(): void;
}

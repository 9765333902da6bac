import type { TrackedContent, TrackerStats } from '../../../tracker-server/tracker-server-api.ts';
import type { Listening, Warning } from '../events.ts';
import type { Matched, StoreChange } from './tracker-events.ts';

export type TrackerNews = Listening | Matched | StoreChange | Warning;

/** Shows what a tracker does. */
export interface TrackerView {
  take(news: TrackerNews): void;
  /** Leaves a terminal as it should be found. */
  finish(): void;
}

/** The tracker as it is now. */
export interface TrackerFacts {
  urls(): readonly string[];
  stats(): TrackerStats;
  contents(most: number): readonly TrackedContent[];
}

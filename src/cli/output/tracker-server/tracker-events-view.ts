import { TRACKER_FIGURES_INTERVAL_MS } from '../../../limits.ts';
import { type Clock, repeat } from '../../../platform/clock.ts';
import type { Reporter } from '../reporter.ts';
import { trackerFigures } from './from-tracker.ts';
import type { TrackerFacts, TrackerView } from './tracker-view.ts';

/** For programs: everything that happens, and the figures every few seconds and at the end. */
export function trackerEvents(reporter: Reporter, clock: Clock, tracker: TrackerFacts): TrackerView {
  const tell = (): void => reporter.report(trackerFigures(tracker.stats()));
  const timer = repeat(clock, TRACKER_FIGURES_INTERVAL_MS, tell);
  return {
    take: (news) => reporter.report(news),
    finish() {
      timer.cancel();
      tell();
    },
  };
}

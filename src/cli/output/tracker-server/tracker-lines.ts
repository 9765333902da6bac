import { MATCHES_SHOWN_PER_SECOND } from '../../../limits.ts';
import type { Clock, Timer } from '../../../platform/clock.ts';
import type { Output } from '../../host.ts';
import { count } from '../format.ts';
import type { Reporter } from '../reporter.ts';
import { matched } from './tracker-sentences.ts';
import type { TrackerFacts, TrackerView } from './tracker-view.ts';

const SECOND_MS = 1_000;

/**
 * For files, pipes and simple terminals: who is matched with whom, a line each, a few a second and the number of the
 * others. All else goes to the reporter.
 */
export function trackerLines(
  output: Output,
  reporter: Reporter,
  clock: Clock,
  tracker: Pick<TrackerFacts, 'stats'>,
): TrackerView {
  /** In the second that the timer ends. */
  let shown = 0;
  let matchesBefore = 0;
  let timer: Timer | undefined;

  function endSecond(): void {
    timer?.cancel();
    timer = undefined;
    const others = tracker.stats().matches - matchesBefore - shown;
    if (others > 0) output.write(`and ${count(others, 'more match', 'more matches')}\n`);
    shown = 0;
  }

  return {
    take(news) {
      if (news.event !== 'matched') return reporter.report(news);
      if (timer === undefined) {
        // This one is counted already.
        matchesBefore = tracker.stats().matches - 1;
        timer = clock.setTimer(SECOND_MS, endSecond);
      }
      if (shown === MATCHES_SHOWN_PER_SECOND) return;
      shown++;
      output.write(`${matched(news)}\n`);
    },
    finish() {
      if (timer !== undefined) endSecond();
    },
  };
}

import type { Clock } from '../../../platform/clock.ts';
import type { Output } from '../../host.ts';
import { count } from '../format.ts';
import type { Reporter } from '../reporter.ts';
import { FewMatches } from './few-matches.ts';
import { matched } from './tracker-sentences.ts';
import type { TrackerFacts, TrackerView } from './tracker-view.ts';

/** For a terminal that cannot redraw: who is matched with whom, a line each. All else goes to the reporter. */
export function trackerLines(
  output: Output,
  reporter: Reporter,
  clock: Clock,
  tracker: Pick<TrackerFacts, 'stats'>,
): TrackerView {
  const few = new FewMatches(clock, tracker, (others) => {
    output.write(`and ${count(others, 'more match', 'more matches')}\n`);
  });
  return {
    take(news) {
      if (news.event !== 'matched') reporter.report(news);
      else if (few.isShown()) output.write(`${matched(news)}\n`);
    },
    finish() {
      few.finish();
    },
  };
}

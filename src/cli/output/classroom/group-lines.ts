import { PLAIN_PROGRESS_AFTER_MS, PLAIN_PROGRESS_INTERVAL_MS } from '../../../limits.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Output } from '../../host.ts';
import { formatPercent } from '../format.ts';
import type { Reporter } from '../reporter.ts';
import type { GroupPicture } from './group-picture.ts';
import type { GroupView } from './group-view.ts';
import { newsLine } from './news-line.ts';

/** For files, pipes and simple terminals: a line for what matters, and one about all peers every few seconds. */
export function groupLines(
  output: Output,
  reporter: Reporter,
  clock: Clock,
  picture: GroupPicture,
): GroupView {
  let nextAt = clock.now() + PLAIN_PROGRESS_AFTER_MS;
  let last = '';

  function tellProgress(): void {
    if (clock.now() < nextAt) return;
    nextAt = clock.now() + PLAIN_PROGRESS_INTERVAL_MS;
    const line = progressLine(picture);
    if (line !== '' && line !== last) output.write(`${line}\n`);
    last = line;
  }

  return {
    take(event) {
      if (event.event === 'peer-progress') return tellProgress();
      const matters = event.event === 'peer-started' || event.event === 'peer-complete';
      if (matters || newsLine(event) !== undefined) reporter.report(event);
    },
    finish() {},
  };
}

/** Empty where nobody has said anything so far. */
function progressLine({ rows }: GroupPicture): string {
  return rows
    .filter(({ hadFile, progress }) => !hadFile && progress.bytesTotal > 0)
    .map(({ peer, progress }) => `${peer} ${formatPercent(progress.bytesDone, progress.bytesTotal)}`)
    .join('  ');
}

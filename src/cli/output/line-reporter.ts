import { PLAIN_PROGRESS_AFTER_MS, PLAIN_PROGRESS_INTERVAL_MS } from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Output } from '../host.ts';
import type { Reporter } from './reporter.ts';
import { isFault, sentences } from './sentences.ts';
import { Status } from './status.ts';
import { layOut } from './status-line.ts';
import { TrackerNews } from './tracker-news.ts';
import type { Wording } from './wording.ts';

/** For files, pipes and simple terminals: whole lines, and one about progress every few seconds. */
export function lineReporter(output: Output, wording: Wording, clock: Clock): Reporter {
  const status = new Status(clock, wording.cwd);
  const trackers = new TrackerNews();
  let nextAt: number | undefined;
  let last = '';

  function tellStatus(): void {
    nextAt ??= clock.now() + PLAIN_PROGRESS_AFTER_MS;
    if (status.line === undefined || clock.now() < nextAt) return;
    const text = layOut(status.line, Number.POSITIVE_INFINITY);
    if (text === last) return;
    output.write(`${text}\n`);
    last = text;
    nextAt = clock.now() + PLAIN_PROGRESS_INTERVAL_MS;
  }

  return {
    report(event) {
      const news = event.event === 'trackers' ? trackers.take(event) : event;
      writeLines(output, sentences(news, wording));
      if (status.take(event)) tellStatus();
    },
    finish() {},
  };
}

/** Errors only. */
export function quietReporter(output: Output, wording: Wording): Reporter {
  return {
    report(event) {
      if (isFault(event)) writeLines(output, sentences(event, wording));
    },
    finish() {},
  };
}

function writeLines(output: Output, lines: readonly string[]): void {
  for (const line of lines) output.write(`${line}\n`);
}

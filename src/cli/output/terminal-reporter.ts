import { REDRAW_INTERVAL_MS } from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Output } from '../host.ts';
import { BottomLines } from './bottom-lines.ts';
import type { CliEvent } from './events.ts';
import type { Reporter } from './reporter.ts';
import { sentences } from './sentences.ts';
import { Status } from './status.ts';
import { layOut } from './status-line.ts';
import { terminalSize } from './terminal-size.ts';
import { TrackerTable } from './tracker-table.ts';
import type { Wording } from './wording.ts';

/** Lines at the bottom that update themselves: the trackers, and what goes on. What stays is written above them. */
export function terminalReporter(output: Output, wording: Wording, clock: Clock): Reporter {
  const status = new Status(clock, wording.cwd);
  const trackers = new TrackerTable();
  const bottom = new BottomLines(output);
  /** It has been written among what stays, and nothing is new since. */
  let trackersWritten = true;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let pending: Timer | undefined;

  // The last column stays free: some terminals wrap when it is written.
  const columns = (): number => terminalSize(output).columns - 1;

  function draw(): void {
    pending?.cancel();
    pending = undefined;
    const line = status.line === undefined ? [] : [layOut(status.line, columns())];
    const table = trackersWritten ? [] : trackers.lines(columns(), terminalSize(output).rows - line.length);
    bottom.draw([...table, ...line]);
    drawnAt = clock.now();
  }

  const waitMs = (): number => drawnAt + REDRAW_INTERVAL_MS - clock.now();

  function takeTrackers(event: Extract<CliEvent, { event: 'trackers' }>): void {
    trackers.take(event);
    trackersWritten = false;
    // Nothing else may come for half an hour.
    if (waitMs() > 0) pending ??= clock.setTimer(waitMs(), draw);
    else draw();
  }

  /** How it stood with the trackers is part of how it ended. */
  function tableThatStays(): readonly string[] {
    if (trackersWritten) return [];
    trackersWritten = true;
    return trackers.lines(columns(), Number.POSITIVE_INFINITY);
  }

  return {
    report(event) {
      if (event.event === 'trackers') return takeTrackers(event);
      if (event.event === 'withdrawn') trackers.forget(event.infoHash);
      const changed = status.take(event);
      const lines = [...(isEnd(event) ? tableThatStays() : []), ...sentences(event, wording)];
      if (lines.length > 0) {
        bottom.erase();
        output.write(lines.map((line) => `${line}\n`).join(''));
      }
      // Another one comes soon.
      const isTooSoon = !bottom.isEmpty && status.line !== undefined && waitMs() > 0;
      if (lines.length > 0 || (changed && !isTooSoon)) draw();
    },
    finish() {
      pending?.cancel();
      bottom.erase();
    },
  };
}

function isEnd({ event }: CliEvent): boolean {
  return event === 'done' || event === 'stopped' || event === 'error';
}

import { REDRAW_INTERVAL_MS } from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Output } from '../host.ts';
import type { Reporter } from './reporter.ts';
import { sentences, type Wording } from './sentences.ts';
import { Status } from './status.ts';
import { layOut } from './status-line.ts';

/** To the first column, and everything to its right removed (ECMA-48: EL). */
const CLEAR_LINE = '\r\x1b[K';
const DEFAULT_COLUMNS = 80;

/** One line at the bottom that updates itself; what stays is written above it. */
export function terminalReporter(output: Output, wording: Wording, clock: Clock): Reporter {
  const status = new Status(clock, wording.cwd);
  let drawn = '';
  let drawnAt = Number.NEGATIVE_INFINITY;

  function draw(): void {
    // The last column stays free: some terminals wrap when it is written.
    const columns = (output.columns ?? DEFAULT_COLUMNS) - 1;
    const text = status.line === undefined ? '' : layOut(status.line, columns);
    if (text === drawn) return;
    if (text !== '' && drawn !== '' && clock.now() - drawnAt < REDRAW_INTERVAL_MS) return;
    output.write(CLEAR_LINE + text);
    drawn = text;
    drawnAt = clock.now();
  }

  function erase(): void {
    if (drawn !== '') output.write(CLEAR_LINE);
    drawn = '';
  }

  return {
    report(event) {
      const changed = status.take(event);
      const lines = sentences(event, wording);
      if (lines.length > 0) {
        erase();
        output.write(lines.map((line) => `${line}\n`).join(''));
      }
      if (changed || lines.length > 0) draw();
    },
    finish: erase,
  };
}

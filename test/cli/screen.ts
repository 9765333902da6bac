import type { Clock } from '../../src/platform/clock.ts';

/**
 * What a terminal shows after `output`: carriage return, line feed and "erase to the right" are obeyed,
 * any other control character fails the test.
 */
export function screen(output: string): readonly string[] {
  const lines = [''];
  let column = 0;
  for (const token of output.match(/\x1b\[[0-9;]*[A-Za-z]|[^\x1b]/gsu) ?? []) {
    const line = lines.at(-1) ?? '';
    if (token === '\r') column = 0;
    else if (token === '\n') {
      lines.push('');
      column = 0;
    } else if (token === '\x1b[K') lines[lines.length - 1] = line.slice(0, column);
    else if (/^\x1b\[\d+m$/.test(token)) continue;
    else if (/\p{Cc}/u.test(token)) throw new Error(`a control character: ${JSON.stringify(token)}`);
    else {
      lines[lines.length - 1] = line.slice(0, column) + token + line.slice(column + token.length);
      column += token.length;
    }
  }
  return lines;
}

/** A clock that a test turns. */
export class HandClock implements Clock {
  time = 0;

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.time;
  }

  setTimer(): never {
    throw new Error('output needs no timers');
  }
}

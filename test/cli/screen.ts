import type { Clock } from '../../src/platform/clock.ts';

const CLEAR_TO_RIGHT = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const CURSOR_UP = new RegExp(`^${'\x1b'}\\[(\\d+)A$`);
const TOKEN = new RegExp(`${'\x1b'}\\[[0-9;]*[A-Za-z]|.`, 'gsu');

/**
 * What a terminal shows after `output`: carriage return, line feed, cursor up, colours, "erase to the right" and
 * "erase below" are obeyed, any other control character fails the test.
 */
export function screen(output: string): readonly string[] {
  const lines = [''];
  let column = 0;
  let row = 0;
  for (const [token] of output.matchAll(TOKEN)) {
    const line = lines[row] ?? '';
    const setLine = (text: string): void => void lines.splice(row, 1, text);
    const up = CURSOR_UP.exec(token)?.[1];
    if (token === '\r') column = 0;
    else if (token === '\n') {
      row++;
      if (row === lines.length) lines.push('');
      column = 0;
    } else if (up !== undefined) row = Math.max(0, row - Number(up));
    else if (token === CLEAR_TO_RIGHT) setLine(line.slice(0, column));
    else if (token === CLEAR_BELOW) lines.splice(row, lines.length, line.slice(0, column));
    else if (!isColour(token)) {
      if (/\p{Cc}/u.test(token)) throw new Error(`a control character: ${JSON.stringify(token)}`);
      setLine(line.slice(0, column) + token + line.slice(column + token.length));
      column += token.length;
    }
  }
  return lines;
}

function isColour(token: string): boolean {
  return token.startsWith('\x1b[') && token.endsWith('m');
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

import type { Clock } from '../../src/platform/clock.ts';

const CLEAR_TO_RIGHT = '\x1b[K';
const TOKEN = new RegExp(`${'\x1b'}\\[[0-9;]*[A-Za-z]|.`, 'gsu');

/**
 * What a terminal shows after `output`: carriage return, line feed, colours and "erase to the right" are
 * obeyed, any other control character fails the test.
 */
export function screen(output: string): readonly string[] {
  const lines = [''];
  let column = 0;
  for (const [token] of output.matchAll(TOKEN)) {
    const line = lines.at(-1) ?? '';
    const setLine = (text: string): void => void lines.splice(-1, 1, text);
    if (token === '\r') column = 0;
    else if (token === '\n') {
      lines.push('');
      column = 0;
    } else if (token === CLEAR_TO_RIGHT) setLine(line.slice(0, column));
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

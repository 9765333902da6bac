import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { diskError, type LanshareError } from '../../errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ListedPeerId } from '../config/project.ts';
import type { LogEvent } from './log-event.ts';
import { logLine } from './sentence.ts';

/** The log of one peer while it runs. */
export interface LogFile {
  /** Adds a line with the time of now. What was written in one turn of the event loop is in the file after it. */
  write(event: LogEvent): void;
  /** Everything that was written is in the file then. A second call, and `write` after it, do nothing. */
  close(): void;
}

/**
 * Begins the log at `path` anew.
 *
 * @param onFault - Called once, when a line could not be written; no more lines are written then.
 * @throws LanshareError NO_SUCH_PATH, NOT_PERMITTED, DISK_FULL or DISK where the file cannot be opened.
 */
export function openLogFile(
  path: string,
  id: ListedPeerId,
  clock: Clock,
  onFault: (fault: LanshareError) => void,
): LogFile {
  const descriptor = opened(path);
  /** Lines of this turn; undefined when nothing is written any more. */
  let waiting: string[] | undefined = [];

  function flush(): void {
    if (waiting === undefined || waiting.length === 0) return;
    const text = waiting.join('');
    waiting = [];
    try {
      writeAll(descriptor, text);
    } catch (error) {
      end();
      onFault(diskError(error, 'write', path));
    }
  }

  function end(): void {
    waiting = undefined;
    closeSync(descriptor);
  }

  return {
    write(event) {
      if (waiting === undefined) return;
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(`${logLine(clock.wallTime(), id, event)}\n`);
    },
    close() {
      flush();
      if (waiting !== undefined) end();
    },
  };
}

function opened(path: string): number {
  try {
    // Non-blocking: a named pipe in its place would hold the whole process until somebody reads it.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK = 0 } = constants;
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK);
  } catch (error) {
    throw diskError(error, 'write', path);
  }
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { diskError, LanshareError } from '../../errors.ts';
import { CHECK_READ_BYTES, MAX_CHECKED_LOG_BYTES, MAX_LOG_LINE_CHARACTERS } from '../../limits.ts';
import { type LogListener, LogReader } from '../log/parse-log.ts';

/**
 * Reads a log as it lies on disk, a little at a time. UTF-8, or UTF-16 where it begins with its mark.
 *
 * @throws LanshareError NO_SUCH_PATH, NOT_PERMITTED, DISK; CONTENT_MISMATCH for one beyond MAX_CHECKED_LOG_BYTES.
 */
export async function readLog(path: string, listener: LogListener, signal: AbortSignal): Promise<void> {
  const reader = new LogReader(listener);
  const lines = new Lines((line) => reader.line(line));
  let decoder: TextDecoder | undefined;
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHECK_READ_BYTES, signal })) {
      bytes += chunk.length;
      if (bytes > MAX_CHECKED_LOG_BYTES) throw tooLarge(path);
      decoder ??= new TextDecoder(encodingOf(chunk));
      lines.text(decoder.decode(chunk, { stream: true }));
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : diskError(error, 'read', path);
  }
  lines.text(decoder?.decode() ?? '');
  lines.end();
  reader.end();
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}

function tooLarge(path: string): LanshareError {
  return new LanshareError(
    'CONTENT_MISMATCH',
    `${path} is larger than ${MAX_CHECKED_LOG_BYTES} bytes, which is no log of such a run`,
    'check that it is the right file',
  );
}

/** Cuts text into lines: of Unix, of Windows, and of old Macs. Of a line without end only the beginning is kept. */
class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  text(text: string): void {
    // A line end may be cut in two.
    const cut = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = (this.#rest + text.slice(0, cut)).split(/\r\n|\r|\n/);
    const last = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line);
    this.#rest = last.slice(0, MAX_LOG_LINE_CHARACTERS + 1) + text.slice(cut);
  }

  end(): void {
    this.#onLine(this.#rest);
  }
}

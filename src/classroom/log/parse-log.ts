import { MAX_LOG_LINE_CHARACTERS } from '../../limits.ts';
import type { ListedPeerId } from '../config/project.ts';
import type { LogEvent } from './log-event.ts';
import { type ParsedLogTime, parseLogTime } from './parse-log-time.ts';
import { parseSentence, splitLine } from './parse-sentence.ts';
import { sentenceOf } from './sentence.ts';

/** A line that says one of the assignment's sentences. */
export interface LogEntry {
  /** Counts from 1. */
  readonly line: number;
  /** Milliseconds; of a log without dates since the midnight before its first line. Undefined: not understood. */
  readonly time: number | undefined;
  /** Who writes, as the sentence has it. */
  readonly peer: ListedPeerId;
  readonly event: LogEvent;
  /** The sentence stands there as the assignment has it, to the letter. */
  readonly verbatim: boolean;
}

/** A line that says something else. */
export interface UnreadLine {
  readonly line: number;
  readonly text: string;
}

export interface ParsedLog {
  /** In the order of the file. */
  readonly entries: readonly LogEntry[];
  /** Blank lines are in neither. */
  readonly unread: readonly UnreadLine[];
}

/** Reads what any program wrote: see `parseSentence` and `parseLogTime`. A log that is too large for that: `LogReader`. */
export function parseLog(text: string): ParsedLog {
  const entries: LogEntry[] = [];
  const unread: UnreadLine[] = [];
  const reader = new LogReader({ take: (entry) => entries.push(entry), unread: (line) => unread.push(line) });
  for (const line of text.split(/\r\n|\r|\n/)) reader.line(line);
  reader.end();
  return { entries, unread };
}

/** Is handed what stands in a log, in its order. */
export interface LogListener {
  take(entry: LogEntry): void;
  unread(line: UnreadLine): void;
}

/**
 * Takes a log line by line. Some programs break the sentence about a piece in two: both lines are one then, with two
 * blanks, so that it is not taken for verbatim. Java's own logger, and programs that print C's `ctime`, write the time in
 * a line before that of the sentence.
 */
export class LogReader {
  readonly #listener: LogListener;
  readonly #runningTime = timeAcrossMidnight();
  #lines = 0;
  /** The latest line that is not blank: the next one may belong to it. */
  #held: UnreadLine | undefined;

  constructor(listener: LogListener) {
    this.#listener = listener;
  }

  /** Without its end. */
  line(text: string): void {
    this.#lines += 1;
    const trimmed = text.trim();
    if (trimmed === '') return;
    if (this.#held !== undefined && belongTogether(this.#held.text, trimmed)) {
      this.#held = { line: this.#held.line, text: `${this.#held.text}  ${trimmed}` };
      return;
    }
    this.end();
    this.#held = { line: this.#lines, text: trimmed };
  }

  /** Nothing follows. */
  end(): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    const parsed = parseLogLine(held.text);
    if (parsed === undefined) this.#listener.unread(held);
    else this.#listener.take({ ...parsed, line: held.line, time: this.#runningTime(parsed.time) });
  }
}

/** What one line says, with its time as it stands there; undefined where it is none of the sentences. */
export interface ParsedLogLine extends Pick<LogEntry, 'peer' | 'event' | 'verbatim'> {
  readonly time: ParsedLogTime | undefined;
}

export function parseLogLine(text: string): ParsedLogLine | undefined {
  if (text.length > MAX_LOG_LINE_CHARACTERS) return undefined;
  const split = splitLine(text);
  const sentence = split === undefined ? undefined : parseSentence(split);
  if (split === undefined || sentence === undefined) return undefined;
  const verbatim = text.endsWith(sentenceOf(sentence.peer, sentence.event));
  return { ...sentence, verbatim, time: parseLogTime(split.before) };
}

function belongTogether(line: string, next: string): boolean {
  if (LOGGER_HEAD.test(line)) return LOGGER_LEVEL.test(next);
  return SECOND_HALF.test(next) || (CTIME_ALONE.test(line) && splitLine(next) !== undefined);
}

const SECOND_HALF = /^now\s+(?:the\s+)?number\s+of\s+pieces\b/i;

/** What `ctime` of C answers ends with a line end of its own. */
const CTIME_ALONE = /^\[?[a-z]{3} [a-z]{3} {1,2}\d{1,2} \d\d:\d\d:\d\d \d{4}\]?:?$/i;

/** `Nov 21, 2026 10:15:03 AM PeerLog write`, and the message in a line of its own: java.util.logging, unless told otherwise. */
const LOGGER_HEAD = /\d:\d\d:\d\d(?:\s*[AP]M)?\s+[\w.$<>]+\s+[\w.$<>]+$/i;
const LOGGER_LEVEL = /^(?:FINE(?:R|ST)?|CONFIG|INFO|WARNING|SEVERE):\s/;

const HOUR_MS = 3_600_000;

/** Makes times of day grow over midnight, and over noon where a program writes a 12-hour clock without AM and PM. */
function timeAcrossMidnight(): (time: ParsedLogTime | undefined) => number | undefined {
  let last = 0;
  let added = 0;
  return (time) => {
    if (time?.kind !== 'time of day') return time?.ms;
    const back = last - (time.ms + added);
    if (back > 18 * HOUR_MS) added += 24 * HOUR_MS;
    else if (back > 6 * HOUR_MS) added += 12 * HOUR_MS;
    last = time.ms + added;
    return last;
  };
}

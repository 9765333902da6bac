import type { ListedPeer, Project } from '../config/project.ts';
import type { LogEntry, LogListener, UnreadLine } from '../log/parse-log.ts';
import type { Findings } from './findings.ts';
import type { LogFacts } from './log-facts.ts';
import { OneRun } from './one-run.ts';

/**
 * Takes one log line by line. Many programs add to the log of an earlier run instead of beginning it anew: then the
 * last run counts. It begins with a connection after a download, where the count of pieces begins at 1 again.
 */
export class LogCheck implements LogListener {
  readonly #project: Project;
  readonly #writer: ListedPeer;
  readonly #onEnd: (checked: CheckedLog) => void;
  #run: OneRun;
  /** What would be the latest run, if a new one began at the latest connection. */
  #perhaps: OneRun | undefined;
  #lines = 0;
  /** The latest line that could not be read, until it is known whether it is the last one. */
  #unread: UnreadLine | undefined;

  constructor(project: Project, writer: ListedPeer, onEnd: (checked: CheckedLog) => void) {
    this.#project = project;
    this.#writer = writer;
    this.#onEnd = onEnd;
    this.#run = new OneRun(project, writer);
  }

  take(entry: LogEntry): void {
    this.#lines = entry.line;
    this.#tellUnread();
    if (entry.peer === this.#writer.id) this.#lookForNewRun(entry);
    this.#run.take(entry);
    this.#perhaps?.take(entry);
  }

  unread(line: UnreadLine): void {
    this.#lines = line.line;
    this.#tellUnread();
    this.#unread = line;
  }

  end(): void {
    // Who was killed may have written half a line.
    if (this.#unread !== undefined && this.#run.facts.complete === undefined) this.#run.cut(this.#unread);
    else this.#tellUnread();
    this.#run.end();
    const { facts, findings } = this.#run;
    facts.lines = this.#lines;
    this.#onEnd({ facts, findings });
  }

  #tellUnread(): void {
    const line = this.#unread;
    this.#unread = undefined;
    if (line === undefined) return;
    this.#run.unread(line);
    this.#perhaps?.unread(line);
  }

  #lookForNewRun({ event, line }: LogEntry): void {
    if (event.kind === 'makes connection' || event.kind === 'is connected') {
      if (this.#run.facts.downloads.length === 0 || this.#perhaps !== undefined) return;
      this.#perhaps = new OneRun(this.#project, this.#writer);
      this.#perhaps.facts.fromLine = line;
    } else if (event.kind === 'downloaded piece' && this.#perhaps !== undefined) {
      if (event.pieces === 1) this.#run = this.#perhaps;
      this.#perhaps = undefined;
    }
  }
}

export interface CheckedLog {
  readonly facts: LogFacts;
  readonly findings: Findings;
}

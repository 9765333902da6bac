import type { ListedPeer, Project } from '../../config/project.ts';
import type { LogEntry } from '../../log/parse-log.ts';
import type { Findings } from '../findings.ts';
import type { LogFacts } from '../log-facts.ts';

/** What a rule about a single log looks at. */
export interface LogContext {
  readonly project: Project;
  /** Whose log it is. */
  readonly writer: ListedPeer;
  /** What the lines before the current one say. */
  readonly facts: LogFacts;
  readonly findings: Findings;
}

/** Judges a log line by line. */
export interface LogRule {
  take(entry: LogEntry): void;
  /** The log ends here. */
  end?(): void;
}

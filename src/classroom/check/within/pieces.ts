import { pieceCountOf } from '../../config/project.ts';
import type { LogEvent } from '../../log/log-event.ts';
import type { LogEntry } from '../../log/parse-log.ts';
import type { LogContext, LogRule } from './log-rule.ts';

type Downloaded = Extract<LogEvent, { kind: 'downloaded piece' }>;

/** `each-piece-once`, `piece-count`, `complete-once`, `seeders-download-nothing` */
export class Pieces implements LogRule {
  readonly #context: LogContext;

  constructor(context: LogContext) {
    this.#context = context;
    if (context.writer.hasFile) context.findings.judged('seeders-download-nothing');
  }

  take({ line, event }: LogEntry): void {
    const { findings, writer } = this.#context;
    const place = { peer: writer.id, line };
    if (event.kind === 'downloaded piece') {
      if (writer.hasFile) {
        findings.breach(
          'seeders-download-nothing',
          place,
          `downloads piece ${event.piece} from ${event.from}`,
        );
      } else this.#downloaded(event, line);
    }
    if (event.kind === 'complete') {
      if (writer.hasFile)
        findings.breach('seeders-download-nothing', place, 'says that it has completed the file');
      else this.#complete(line);
    }
  }

  end(): void {
    const { findings, facts, writer, project } = this.#context;
    if (writer.hasFile || facts.complete !== undefined || !facts.hasAll(pieceCountOf(project.common))) return;
    findings.breach(
      'complete-once',
      { peer: writer.id, line: undefined },
      `has all ${pieceCountOf(project.common)} pieces, and does not say that the file is complete`,
    );
  }

  #downloaded({ piece, from, pieces }: Downloaded, line: number): void {
    const { findings, facts, writer } = this.#context;
    const place = { peer: writer.id, line };
    findings.judged('each-piece-once');
    findings.judged('piece-count');
    const before = facts.downloaded.lineOf(piece);
    if (before !== undefined) {
      findings.breach(
        'each-piece-once',
        place,
        `piece ${piece} comes from ${from}, and came in line ${before}`,
      );
      return;
    }
    // The first count is judged when it is known whether the peer was started twice.
    if (facts.downloads.length === 0 || pieces === facts.pieces + 1) return;
    findings.breach('piece-count', place, `${facts.pieces} is followed by ${pieces}`);
  }

  #complete(line: number): void {
    const { findings, facts, writer, project } = this.#context;
    const place = { peer: writer.id, line };
    const all = pieceCountOf(project.common);
    findings.judged('complete-once');
    if (facts.complete !== undefined) {
      findings.breach('complete-once', place, `is said once more, after line ${facts.complete.line}`);
    } else if (!facts.hasAll(all)) {
      findings.breach('complete-once', place, `is said with ${facts.pieces} of ${all} pieces`);
    }
  }
}

import type { ListedPeerId } from '../../config/project.ts';
import type { LogEntry } from '../../log/parse-log.ts';
import type { Moment } from '../log-facts.ts';
import type { LogContext, LogRule } from './log-rule.ts';
import { close, Suspicions } from './races.ts';

/** `unchokes-the-interested` */
export class Interest implements LogRule {
  readonly #context: LogContext;
  readonly #said = new Map<ListedPeerId, Moment & { readonly interested: boolean }>();
  readonly #suspicions = new Suspicions<ListedPeerId>();

  constructor(context: LogContext) {
    this.#context = context;
  }

  take({ line, time, event }: LogEntry): void {
    const now = { line, time };
    this.#suspicions.settle(now);
    switch (event.kind) {
      case 'interested':
        this.#said.set(event.from, { ...now, interested: true });
        this.#suspicions.explained(event.from);
        break;
      case 'not interested':
        this.#said.set(event.from, { ...now, interested: false });
        break;
      case 'preferred neighbors':
        for (const neighbor of new Set(event.neighbors)) this.#chosen(neighbor, now);
        break;
      case 'optimistically unchoked neighbor':
        this.#chosen(event.neighbor, now);
        break;
    }
  }

  end(): void {
    this.#suspicions.settle(undefined);
  }

  #chosen(neighbor: ListedPeerId, now: Moment): void {
    const { findings, writer } = this.#context;
    findings.judged('unchokes-the-interested');
    const said = this.#said.get(neighbor);
    if (said?.interested || (said !== undefined && close(said, now))) return;
    const why =
      said === undefined ? "has not said 'interested'" : `said 'not interested' in line ${said.line}`;
    this.#suspicions.raise(neighbor, now, () =>
      findings.breach(
        'unchokes-the-interested',
        { peer: writer.id, line: now.line },
        `${neighbor} is chosen, which ${why}`,
      ),
    );
  }
}

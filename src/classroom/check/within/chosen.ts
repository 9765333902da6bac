import type { ListedPeerId } from '../../config/project.ts';
import type { LogEntry } from '../../log/parse-log.ts';
import type { Moment } from '../log-facts.ts';
import type { LogContext, LogRule } from './log-rule.ts';
import { close, Suspicions } from './races.ts';

/** `preferred-neighbors`, `optimistic-was-choked` */
export class Chosen implements LogRule {
  readonly #context: LogContext;
  /** Since when each stands in the list. */
  #preferred = new Map<ListedPeerId, Moment>();
  readonly #suspicions = new Suspicions<ListedPeerId>();

  constructor(context: LogContext) {
    this.#context = context;
  }

  take({ line, time, event }: LogEntry): void {
    const now = { line, time };
    this.#suspicions.settle(now);
    switch (event.kind) {
      case 'preferred neighbors':
        this.#list(event.neighbors, now);
        break;
      case 'optimistically unchoked neighbor':
        this.#optimistic(event.neighbor, now);
        break;
      // Who is not interested, or comes again, is left out of a list that may be empty, and need not be logged then.
      case 'not interested':
      case 'is connected':
        this.#preferred.delete(event.from);
        break;
      case 'makes connection':
        this.#preferred.delete(event.to);
        break;
    }
  }

  end(): void {
    this.#suspicions.settle(undefined);
  }

  #list(neighbors: readonly ListedPeerId[], now: Moment): void {
    const { findings, writer, project } = this.#context;
    const most = project.common.preferredNeighbors;
    const place = { peer: writer.id, line: now.line };
    findings.judged('preferred-neighbors');
    const distinct = new Set(neighbors).size;
    if (distinct > most) {
      findings.breach('preferred-neighbors', place, `${distinct} are named, at most ${most} may be`);
    }
    const twice = neighbors.find((neighbor, at) => neighbors.indexOf(neighbor) !== at);
    if (twice !== undefined) findings.breach('preferred-neighbors', place, `${twice} is named twice`);
    for (const left of this.#preferred.keys())
      if (!neighbors.includes(left)) this.#suspicions.explained(left);
    this.#preferred = new Map(neighbors.map((neighbor) => [neighbor, this.#preferred.get(neighbor) ?? now]));
  }

  #optimistic(neighbor: ListedPeerId, now: Moment): void {
    const { findings, writer } = this.#context;
    findings.judged('optimistic-was-choked');
    const since = this.#preferred.get(neighbor);
    if (since === undefined || close(since, now)) return;
    this.#suspicions.raise(neighbor, now, () =>
      findings.breach(
        'optimistic-was-choked',
        { peer: writer.id, line: now.line },
        `${neighbor} is a preferred neighbor since line ${since.line}`,
      ),
    );
  }
}

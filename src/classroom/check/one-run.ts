import { type ListedPeer, type ListedPeerId, type Project, pieceCountOf } from '../config/project.ts';
import type { LogEvent } from '../log/log-event.ts';
import type { LogEntry, UnreadLine } from '../log/parse-log.ts';
import { Findings } from './findings.ts';
import { LogFacts } from './log-facts.ts';
import { Announcements } from './within/announcements.ts';
import { Chokes } from './within/chokes.ts';
import { Chosen } from './within/chosen.ts';
import { Interest } from './within/interest.ts';
import { Intervals } from './within/intervals.ts';
import type { LogRule } from './within/log-rule.ts';
import { Pieces } from './within/pieces.ts';
import { TimeOrder } from './within/time-order.ts';

/** The log of one run of one peer: judged by the rules that need no other log, and condensed for those that do. */
export class OneRun {
  readonly findings = new Findings();
  readonly facts: LogFacts;
  readonly #project: Project;
  readonly #writer: ListedPeer;
  readonly #listed: ReadonlySet<ListedPeerId>;
  readonly #rules: readonly LogRule[];

  constructor(project: Project, writer: ListedPeer) {
    this.#project = project;
    this.#writer = writer;
    this.#listed = new Set(project.peers.map(({ id }) => id));
    this.facts = new LogFacts(writer.id);
    const context = { project, writer, facts: this.facts, findings: this.findings };
    this.#rules = [
      new TimeOrder(context),
      new Interest(context),
      new Intervals(context),
      new Chosen(context),
      new Chokes(context),
      new Pieces(context),
      new Announcements(context),
    ];
  }

  take(entry: LogEntry): void {
    this.findings.judged('prescribed-sentences');
    this.findings.judged('own-log');
    const place = { peer: this.#writer.id, line: entry.line };
    if (!entry.verbatim) this.findings.note('prescribed-sentences', place, 'is not so to the letter');
    if (entry.peer !== this.#writer.id) {
      this.findings.breach('own-log', place, `is about ${entry.peer}`);
      return;
    }
    const event = this.#sensible(entry);
    if (event === undefined) return;
    const sensible = { ...entry, event };
    for (const rule of this.#rules) rule.take(sensible);
    this.facts.take(sensible);
  }

  unread({ line, text }: UnreadLine): void {
    this.findings.judged('prescribed-sentences');
    this.findings.breach('prescribed-sentences', { peer: this.#writer.id, line }, shown(text));
  }

  /** The log ends in the middle of a line. */
  cut({ line, text }: UnreadLine): void {
    this.findings.note('prescribed-sentences', { peer: this.#writer.id, line }, `is cut off: ${shown(text)}`);
  }

  end(): void {
    for (const rule of this.#rules) rule.end?.();
  }

  /** What can be judged further: no unknown peer and no piece beyond the end, which are breaches of their own. */
  #sensible({ line, event }: LogEntry): LogEvent | undefined {
    const place = { peer: this.#writer.id, line };
    if (event.kind === 'have' || event.kind === 'downloaded piece') {
      const pieces = pieceCountOf(this.#project.common);
      this.findings.judged('piece-index');
      if (event.piece >= pieces) {
        this.findings.breach('piece-index', place, `names piece ${event.piece}, and there are ${pieces}`);
        if (event.kind === 'downloaded piece') this.facts.counted(event.pieces);
        return undefined;
      }
    }
    const strangers = new Set(namedIn(event).filter((id) => !this.#listed.has(id) || id === this.#writer.id));
    if (namedIn(event).length > 0) this.findings.judged('names-listed-peers');
    for (const id of strangers) {
      const what = id === this.#writer.id ? 'which is the writer itself' : 'which is not listed';
      this.findings.breach('names-listed-peers', place, `names ${id}, ${what}`);
    }
    if (strangers.size === 0) return event;
    if (event.kind !== 'preferred neighbors') return undefined;
    return { ...event, neighbors: event.neighbors.filter((id) => !strangers.has(id)) };
  }
}

/** Of a line that is none of the sentences. */
const SHOWN_CHARACTERS = 80;

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text);
}

function namedIn(event: LogEvent): readonly ListedPeerId[] {
  switch (event.kind) {
    case 'makes connection':
      return [event.to];
    case 'is connected':
    case 'have':
    case 'interested':
    case 'not interested':
    case 'downloaded piece':
      return [event.from];
    case 'preferred neighbors':
      return event.neighbors;
    case 'optimistically unchoked neighbor':
      return [event.neighbor];
    case 'unchoked':
    case 'choked':
      return [event.by];
    case 'complete':
      return [];
  }
}

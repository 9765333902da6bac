import { CHECK_PIECE_DELAY_MS } from '../../../limits.ts';
import type { ListedPeerId } from '../../config/project.ts';
import type { LogEntry } from '../../log/parse-log.ts';
import type { Moment } from '../log-facts.ts';
import type { LogContext, LogRule } from './log-rule.ts';

/**
 * Pieces that may come after a choke, however late: the one request that is outstanding, and one that was given up
 * before as too slow.
 */
const UNDER_WAY_AT_CHOKE = 2;
/** The same where a log has no times: pieces that had arrived, and were still being written, are among them. */
const UNDER_WAY_WITHOUT_TIMES = 10;

/** `choke-after-unchoke`, `pieces-while-unchoked` */
export class Chokes implements LogRule {
  readonly #context: LogContext;
  readonly #states = new Map<ListedPeerId, State>();

  constructor(context: LogContext) {
    this.#context = context;
  }

  take({ line, time, event }: LogEntry): void {
    switch (event.kind) {
      case 'makes connection':
        this.#connected(event.to, { line, time });
        break;
      case 'is connected':
        this.#connected(event.from, { line, time });
        break;
      case 'unchoked':
        this.#unchoked(event.by, { line, time });
        break;
      case 'choked':
        this.#choked(event.by, { line, time });
        break;
      case 'downloaded piece':
        this.#downloaded(event.from, event.piece, { line, time });
        break;
    }
  }

  /** A new link begins choked; what came over an earlier one may be logged a moment later. */
  #connected(other: ListedPeerId, now: Moment): void {
    if (this.#states.has(other)) this.#states.set(other, choked(now, undefined));
  }

  #unchoked(by: ListedPeerId, now: Moment): void {
    const { findings, writer } = this.#context;
    findings.judged('choke-after-unchoke');
    const state = this.#states.get(by);
    if (state?.kind === 'unchoked') {
      const text = `is unchoked by ${by} once more, after line ${state.since}`;
      findings.note('choke-after-unchoke', { peer: writer.id, line: now.line }, text);
    }
    this.#states.set(by, { kind: 'unchoked', since: now.line });
  }

  #choked(by: ListedPeerId, now: Moment): void {
    const { findings, writer } = this.#context;
    findings.judged('choke-after-unchoke');
    const state = this.#states.get(by);
    if (state?.kind === 'unchoked') {
      this.#states.set(by, choked(now, now.line));
      return;
    }
    const before = state?.since === undefined ? 'was not unchoked' : `is choked since line ${state.since}`;
    const text = `is choked by ${by}, by whom it ${before}`;
    findings.breach('choke-after-unchoke', { peer: writer.id, line: now.line }, text);
  }

  #downloaded(from: ListedPeerId, piece: number, now: Moment): void {
    const { findings, writer } = this.#context;
    findings.judged('pieces-while-unchoked');
    const state = this.#states.get(from);
    if (state?.kind === 'unchoked' || (state !== undefined && wasUnderWay(state, now))) return;
    const why =
      state?.since === undefined
        ? 'which has not unchoked it'
        : `by which it is choked since line ${state.since}`;
    const text = `piece ${piece} comes from ${from}, ${why}`;
    findings.breach('pieces-while-unchoked', { peer: writer.id, line: now.line }, text);
  }
}

type State = { readonly kind: 'unchoked'; readonly since: number } | Choked;

interface Choked {
  readonly kind: 'choked';
  readonly from: Moment;
  /** The line with the choke; undefined for a link that has just begun. */
  readonly since: number | undefined;
  underWay: number;
}

function choked(from: Moment, since: number | undefined): Choked {
  const underWay = from.time === undefined ? UNDER_WAY_WITHOUT_TIMES : UNDER_WAY_AT_CHOKE;
  return { kind: 'choked', from, since, underWay };
}

/** A piece is logged when it is written, a choke when it is heard: what arrived before it may be told after it. */
function wasUnderWay(state: Choked, { time }: Moment): boolean {
  if (time !== undefined && state.from.time !== undefined && time - state.from.time <= CHECK_PIECE_DELAY_MS)
    return true;
  state.underWay -= 1;
  return state.underWay >= 0;
}

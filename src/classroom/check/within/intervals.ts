import type { ListedPeerId } from '../../config/project.ts';
import type { LogEntry } from '../../log/parse-log.ts';
import type { Moment } from '../log-facts.ts';
import type { RuleId } from '../rules.ts';
import type { LogContext, LogRule } from './log-rule.ts';
import { Pace } from './pace.ts';

/** `unchoking-interval`, `optimistic-interval` */
export class Intervals implements LogRule {
  readonly #context: LogContext;
  readonly #preferred: Rhythm;
  readonly #optimistic: Rhythm;

  constructor(context: LogContext) {
    const { unchokingIntervalSeconds, optimisticUnchokingIntervalSeconds } = context.project.common;
    this.#context = context;
    this.#preferred = rhythm('unchoking-interval', unchokingIntervalSeconds);
    this.#optimistic = rhythm('optimistic-interval', optimisticUnchokingIntervalSeconds);
  }

  take({ line, time, event }: LogEntry): void {
    if (event.kind === 'makes connection') this.#connected(event.to);
    if (event.kind === 'is connected') this.#connected(event.from);
    if (time === undefined) return;
    if (event.kind === 'preferred neighbors') this.#happens(this.#preferred, line, time);
    if (event.kind === 'optimistically unchoked neighbor') this.#happens(this.#optimistic, line, time);
  }

  /**
   * Who connects once more may be in another run: the log of a program that adds to it, and that downloads nothing, shows
   * nothing else of that. Its intervals begin anew.
   */
  #connected(other: ListedPeerId): void {
    if ((this.#context.facts.about(other)?.connections ?? 0) === 0) return;
    begin(this.#preferred);
    begin(this.#optimistic);
  }

  #happens(rhythm: Rhythm, line: number, time: number): void {
    const { findings, writer } = this.#context;
    const { rule, seconds, before } = rhythm;
    const early = rhythm.pace.tooEarly(time);
    rhythm.before = { line, time };
    if (before?.time === undefined) return;
    findings.judged(rule);
    if (early === undefined) return;
    const text =
      `${((time - before.time) / 1000).toFixed(1)} s after line ${before.line}, ` +
      `and ${(early / 1000).toFixed(1)} s before its time at one in ${seconds} s`;
    findings.breach(rule, { peer: writer.id, line }, text);
  }
}

interface Rhythm {
  readonly rule: RuleId;
  readonly seconds: number;
  pace: Pace;
  before: Moment | undefined;
}

function rhythm(rule: RuleId, seconds: number): Rhythm {
  return { rule, seconds, pace: new Pace(seconds * 1000), before: undefined };
}

function begin(rhythm: Rhythm): void {
  rhythm.pace = new Pace(rhythm.seconds * 1000);
  rhythm.before = undefined;
}

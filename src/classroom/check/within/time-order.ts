import { CHECK_TIME_STEP_BACK_MS } from '../../../limits.ts';
import type { LogEntry } from '../../log/parse-log.ts';
import type { LogContext, LogRule } from './log-rule.ts';

/** `time-runs-forward` */
export class TimeOrder implements LogRule {
  readonly #context: LogContext;
  #before: { readonly line: number; readonly time: number } | undefined;

  constructor(context: LogContext) {
    this.#context = context;
  }

  take({ line, time }: LogEntry): void {
    if (time === undefined) return;
    const { findings, writer } = this.#context;
    const before = this.#before;
    this.#before = { line, time };
    if (before === undefined) return;
    findings.judged('time-runs-forward');
    const backMs = before.time - time;
    if (backMs <= CHECK_TIME_STEP_BACK_MS) return;
    const text = `the time is ${(backMs / 1000).toFixed(1)} s earlier than in line ${before.line}`;
    findings.breach('time-runs-forward', { peer: writer.id, line }, text);
  }
}

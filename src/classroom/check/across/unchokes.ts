import { CHECK_CLOCK_DIFFERENCE_MS, CHECK_UNCHOKE_DELAY_MS } from '../../../limits.ts';
import type { ListedPeerId } from '../../config/project.ts';
import type { Findings } from '../findings.ts';
import type { LogFacts, Moment } from '../log-facts.ts';
import type { AcrossRule } from './across-rule.ts';
import { isAfter, type Link, type RunFacts } from './run-facts.ts';

/** `unchoked-by-choice` */
export const unchokes: AcrossRule = (run, findings) => {
  for (const link of run.links()) judgeUnchokes(run, findings, link);
};

/** `self` is unchoked by `other`, and so has to be chosen in the log of `other`. */
function judgeUnchokes(run: RunFacts, findings: Findings, link: Link): void {
  const { self, other, otherLog, seen, otherSeen, clocksAgree } = link;
  const spans = spansOf(otherLog, self.id);
  // A list that is as it was before it was empty may not be logged again.
  const possible = spans.length === 0 ? 0 : spans.length + otherSeen.timesInterested;
  for (const [at, { line, time }] of seen.unchokes.entries()) {
    const place = { peer: self.id, line };
    // The log of a peer that was killed may lack its last lines.
    if (!run.hasAll(other) && !(clocksAgree && isAfter(otherLog.last, time))) continue;
    findings.judged('unchoked-by-choice');
    if (at >= possible) {
      const text = `is unchoked by ${other.id} (number ${at + 1}), which chose it ${timesText(spans.length)}`;
      findings.breach('unchoked-by-choice', place, text);
    } else if (clocksAgree && time !== undefined && !spans.some((span) => mayUnchokeAt(span, time))) {
      findings.breach(
        'unchoked-by-choice',
        place,
        `is unchoked by ${other.id}, which had not chosen it then`,
      );
    }
  }
}

function timesText(count: number): string {
  if (count === 0) return 'never';
  return count === 1 ? 'once' : `${count} times`;
}

interface Span {
  readonly begin: Moment;
  readonly end: Moment | undefined;
}

/** When `neighbor` was chosen, once for each line that says so: each choice stands until the next of its kind. */
function spansOf(log: LogFacts, neighbor: ListedPeerId): readonly Span[] {
  return (['rate', 'chance'] as const).flatMap((by) => {
    const choices = log.choices.filter((choice) => choice.by === by);
    return choices.flatMap((begin, at) =>
      begin.neighbors.includes(neighbor) ? [{ begin, end: choices[at + 1] }] : [],
    );
  });
}

function mayUnchokeAt({ begin, end }: Span, time: number): boolean {
  if (begin.time !== undefined && begin.time > time + CHECK_CLOCK_DIFFERENCE_MS) return false;
  return end?.time === undefined || end.time >= time - CHECK_UNCHOKE_DELAY_MS;
}

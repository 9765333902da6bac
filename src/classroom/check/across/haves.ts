import { CHECK_LAST_HAVES_MS } from '../../../limits.ts';
import type { Findings } from '../findings.ts';
import type { Download } from '../log-facts.ts';
import type { AcrossRule } from './across-rule.ts';
import { isAfter, type Link, type RunFacts } from './run-facts.ts';

/** `have-is-true`, `have-to-all` */
export const haves: AcrossRule = (run, findings) => {
  for (const link of run.links()) {
    judgeHeard(run, findings, link);
    judgeTold(run, findings, link);
  }
};

/** No index; also, the log of who was killed may lack its last lines. */
const NONE = -1;

/** Each have that `self` heard is of a piece that the log of `other` shows to be downloaded by then. */
function judgeHeard(run: RunFacts, findings: Findings, link: Link): void {
  const { self, other, otherLog, seen, clocksAgree } = link;
  for (const { piece, line, time } of seen.haves) {
    const place = { peer: self.id, line };
    if (other.hasFile) {
      findings.note(
        'have-is-true',
        place,
        `${other.id} tells of piece ${piece}, and has the file from the start`,
      );
      continue;
    }
    if (!clocksAgree || line < (seen.connected?.line ?? 0)) continue;
    findings.judged('have-is-true');
    const downloaded = otherLog.downloaded.lineOf(piece);
    if (downloaded === undefined) {
      if (run.hasAll(other) || !isAfter(otherLog.last, time)) continue;
      findings.breach(
        'have-is-true',
        place,
        `${other.id} tells of piece ${piece}, which it never downloaded`,
      );
    } else if (isAfter({ line: downloaded, time: otherLog.downloaded.timeOf(piece) }, time)) {
      const text = `${other.id} tells of piece ${piece}, which it downloads later, in line ${downloaded}`;
      findings.breach('have-is-true', place, text);
    }
  }
}

/** Each piece that `self` downloaded while it was linked with `other` stands as a have in the log of `other`. */
function judgeTold(run: RunFacts, findings: Findings, link: Link): void {
  const { self, other, log, otherLog, seen, otherSeen } = link;
  const connected = seen.connected?.line ?? 0;
  const since = toldSince(
    log.downloads.filter(({ line }) => line > connected),
    seen.interestHeard?.line,
    ({ piece, from }) => otherSeen.haves.has(piece) || from === other.id,
  );
  if (since === undefined) return;
  const told = log.downloads.filter(({ line }) => line > since);
  const known = Math.max(
    told.findLastIndex(({ piece }) => otherSeen.haves.has(piece)),
    run.hasAll(other) ? lastReadByAnswers(told, other.id) : NONE,
  );
  // Who was killed may not have told of its last pieces.
  const watches = link.clocksAgree && run.hasAll(self);
  for (const [at, { piece, line, time }] of told.entries()) {
    const wasThere = watches && time !== undefined && isAfter(otherLog.last, time + CHECK_LAST_HAVES_MS);
    if (at > known && !wasThere) continue;
    findings.judged('have-to-all');
    if (otherSeen.haves.has(piece)) continue;
    const text = `downloads piece ${piece}, and the log of ${other.id} has no 'have' of it`;
    findings.breach('have-to-all', { peer: self.id, line }, text);
  }
}

/**
 * The line after which all that is downloaded needs a have. What was downloaded before the bitfield was sent stands in
 * it. It has been sent when the other side answers it, when it hears the first have, and when it gives its first piece.
 */
function toldSince(
  downloads: readonly Download[],
  answered: number | undefined,
  isBehind: (download: Download) => boolean,
): number | undefined {
  const first = downloads.find(isBehind)?.line;
  if (answered === undefined) return first;
  return Math.min(answered, first ?? answered);
}

/**
 * The index of the latest download before which `other` has certainly read all haves: it answered a request that was
 * written behind them. Each of its pieces answers a request that was written after its piece before; one more is
 * left out for programs that ask before they tell.
 */
function lastReadByAnswers(told: readonly Download[], other: number): number {
  const answers = told.flatMap(({ from }, at) => (from === other ? [at] : []));
  return (answers.at(-3) ?? 0) - 1;
}

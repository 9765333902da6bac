import type { Findings } from '../findings.ts';
import type { Download } from '../log-facts.ts';
import type { AcrossRule } from './across-rule.ts';
import { isAfter, type Link, type RunFacts } from './run-facts.ts';

/** `have-before-piece`: who sends a piece without having told of it had it in its bitfield, so its log shows it. */
export const sources: AcrossRule = (run, findings) => {
  for (const link of run.links()) {
    for (const download of link.log.downloads) {
      if (download.from === link.other.id) judgeSource(run, findings, link, download);
    }
  }
};

function judgeSource(run: RunFacts, findings: Findings, link: Link, download: Download): void {
  const { self, other, seen } = link;
  findings.judged('have-before-piece');
  if (download.announced || other.hasFile) return;
  // Before the latest connection the source may have been another process, whose log is gone.
  if (seen.connected !== undefined && download.line < seen.connected.line) return;
  const lack = lackedAt(run, link, download);
  if (lack === undefined) return;
  const text = `piece ${download.piece} comes from ${other.id}, ${lack}`;
  findings.breach('have-before-piece', { peer: self.id, line: download.line }, text);
}

/** How the log of the source shows that it did not have the piece then; undefined where it does not. */
function lackedAt(run: RunFacts, link: Link, { piece, time }: Download): string | undefined {
  const { other, otherLog, clocksAgree } = link;
  const line = otherLog.downloaded.lineOf(piece);
  if (line === undefined) {
    if (run.hasAll(other) || !clocksAgree || !isAfter(otherLog.last, time)) return undefined;
    return 'which never downloaded it';
  }
  if (!clocksAgree || !isAfter({ line, time: otherLog.downloaded.timeOf(piece) }, time)) return undefined;
  return `which downloaded it later, in line ${line}`;
}

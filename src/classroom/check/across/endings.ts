import { pieceCountOf } from '../../config/project.ts';
import type { Findings } from '../findings.ts';
import type { LogFacts } from '../log-facts.ts';
import type { AcrossRule } from './across-rule.ts';
import type { RunFacts } from './run-facts.ts';

/** `every-peer-has-a-log`, `everybody-complete`, and where `piece-count` begins. */
export const endings: AcrossRule = (run, findings) => {
  const all = pieceCountOf(run.project.common);
  for (const { id, hasFile } of run.project.peers) {
    const log = run.logOf(id);
    const place = { peer: id, line: undefined };
    findings.judged('every-peer-has-a-log');
    if (log === undefined) {
      findings.breach('every-peer-has-a-log', place, 'there is no log of it, or nothing in it');
      continue;
    }
    if (hasFile) continue;
    judgeFirstCount(run, findings, log);
    findings.judged('everybody-complete');
    if (!log.hasAll(all)) {
      const text = `its log ends with ${log.pieces} of ${all} pieces`;
      findings.breach('everybody-complete', place, text);
    }
  }
};

/** Some programs go on with what they had when they are started again, and begin the log anew. */
function judgeFirstCount(run: RunFacts, findings: Findings, { peer, firstCount, downloads }: LogFacts): void {
  if (firstCount === undefined || firstCount === 1) return;
  const place = { peer, line: downloads[0]?.line };
  const text = `the first number of pieces is ${firstCount}`;
  if (run.startedTwice(peer)) findings.note('piece-count', place, `${text}; it was probably started again`);
  else findings.breach('piece-count', place, text);
}

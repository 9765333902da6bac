import type { ListedPeer } from '../../config/project.ts';
import type { Findings } from '../findings.ts';
import type { AcrossRule } from './across-rule.ts';
import type { RunFacts } from './run-facts.ts';

/** `dials-earlier-peers`, `connections-agree` */
export const connections: AcrossRule = (run, findings) => {
  const { peers } = run.project;
  for (const [at, later] of peers.entries()) {
    for (const earlier of peers.slice(0, at)) judgePair(run, findings, earlier, later);
  }
};

function judgePair(run: RunFacts, findings: Findings, earlier: ListedPeer, later: ListedPeer): void {
  if (run.logOf(earlier.id) === undefined || run.logOf(later.id) === undefined) return;
  findings.judged('dials-earlier-peers');
  const made = run.logOf(later.id)?.about(earlier.id)?.made;
  const accepted = run.logOf(earlier.id)?.about(later.id)?.accepted;
  const back = run.logOf(earlier.id)?.about(later.id)?.made;
  if (back !== undefined) {
    const text = `makes a connection to ${later.id}, which is listed after it`;
    findings.breach('dials-earlier-peers', { peer: earlier.id, line: back.line }, text);
  } else if (made === undefined && accepted === undefined) {
    // A log that was begun anew lacks what was before, and nobody need dial again who lost a peer.
    if (run.startedTwice(earlier.id) || run.startedTwice(later.id)) return;
    const text = `tells of no connection to ${earlier.id}, nor ${earlier.id} of one from it`;
    findings.breach('dials-earlier-peers', { peer: later.id, line: undefined }, text);
    return;
  }
  judgeAgreement(run, findings, later, earlier);
  judgeAgreement(run, findings, earlier, later);
}

function judgeAgreement(run: RunFacts, findings: Findings, dialer: ListedPeer, listener: ListedPeer): void {
  const made = run.logOf(dialer.id)?.about(listener.id)?.made;
  const accepted = run.logOf(listener.id)?.about(dialer.id)?.accepted;
  if (made === undefined && accepted === undefined) return;
  findings.judged('connections-agree');
  if (accepted === undefined && made !== undefined && !run.startedTwice(listener.id)) {
    const text = `makes a connection to ${listener.id}, whose log tells of none from ${dialer.id}`;
    findings.breach('connections-agree', { peer: dialer.id, line: made.line }, text);
  }
  if (made === undefined && accepted !== undefined && !run.startedTwice(dialer.id)) {
    const text = `is connected from ${dialer.id}, whose log tells of no connection to ${listener.id}`;
    findings.breach('connections-agree', { peer: listener.id, line: accepted.line }, text);
  }
}

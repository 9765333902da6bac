import type { Breach } from '../../../classroom/check/finding.ts';
import type { PeerSummary, RunRuleVerdict, RunVerdict } from '../../../classroom/check/run-verdict.ts';
import type { LogJudged, RuleBreach, RuleJudged } from './rule-events.ts';
import { rulesJudged } from './rules-judged.ts';

/** What `peer check` found, as events. */
export function checkEvents({ rules, peers }: RunVerdict) {
  const judged = rules.map(ruleJudged);
  return [...judged, ...peers.map(logJudged), rulesJudged(judged, [])] as const;
}

function ruleJudged({ rule, text, outcome, total, notes }: RunRuleVerdict): RuleJudged {
  return {
    event: 'rule',
    rule,
    weight: 'rule',
    outcome: outcome.kind,
    message: text,
    remark: outcome.kind === 'unknown' ? outcome.why : null,
    breachCount: total,
    breaches: outcome.kind === 'broken' ? outcome.breaches.map(placed) : [],
    notes: notes.map(placed),
  };
}

function placed({ place, text }: Breach): RuleBreach {
  return { peer: place.peer, line: place.line ?? null, message: text };
}

function logJudged(summary: PeerSummary): LogJudged {
  const { peer, end, lines, fromLine, piecesDownloaded, sources, completeAfterMs, bytesPerSecond } = summary;
  return {
    event: 'peer-log',
    peer,
    end,
    lines,
    fromLine,
    piecesDownloaded,
    sources: sources.map(({ from, pieces }) => ({ peer: from, pieces })),
    seconds: completeAfterMs === undefined ? null : completeAfterMs / 1_000,
    bytesPerSecond: bytesPerSecond ?? null,
  };
}

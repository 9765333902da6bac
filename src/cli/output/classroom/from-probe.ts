import type { ProbeProgress, ProbeReport, ProbeVerdict } from '../../../classroom/probe/probe-api.ts';
import type { ProbeStep, RuleBreach, RuleJudged, RuleOutcome } from './rule-events.ts';
import { rulesJudged } from './rules-judged.ts';

export function probeStep({ scenario, scenarios, name }: ProbeProgress): ProbeStep {
  return { event: 'probing', step: scenario, steps: scenarios, name };
}

/** What `peer probe` found, as events. */
export function probeEvents({ verdicts, notes }: ProbeReport) {
  const judged = verdicts.map(ruleJudged);
  return [...judged, rulesJudged(judged, notes)] as const;
}

function ruleJudged({ rule, text, weight, outcome }: ProbeVerdict): RuleJudged {
  const judged = (kind: RuleOutcome, remark: string | null, breaches: readonly RuleBreach[]): RuleJudged => ({
    event: 'rule',
    rule,
    weight,
    outcome: kind,
    message: text,
    remark,
    breachCount: breaches.length,
    breaches,
    notes: [],
  });
  switch (outcome.kind) {
    case 'kept':
      return judged('kept', outcome.note ?? null, []);
    case 'broken':
      return judged('broken', null, outcome.breaches.map(unplaced));
    case 'not tested':
      return judged('unknown', outcome.why, []);
  }
}

/** A probe has no logs to point into. */
function unplaced(message: string): RuleBreach {
  return { peer: null, line: null, message };
}

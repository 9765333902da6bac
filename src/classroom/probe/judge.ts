import { PROBE_MAX_BREACHES } from '../../limits.ts';
import type { ProbeOutcome, ProbeVerdict } from './probe-api.ts';
import { askingRules } from './rules/asking-rules.ts';
import { bitfieldRules } from './rules/bitfield-rules.ts';
import { frameRules } from './rules/frame-rules.ts';
import { handshakeRules } from './rules/handshake-rules.ts';
import { interestRules } from './rules/interest-rules.ts';
import { type Evidence, type Finding, type Rule, seconds } from './rules/rule.ts';
import { servingRules } from './rules/serving-rules.ts';
import { streamRules } from './rules/stream-rules.ts';
import { survivalRules } from './rules/survival-rules.ts';

/** In the order in which a connection comes to them. */
const RULES: readonly Rule[] = [
  ...handshakeRules,
  ...frameRules,
  ...bitfieldRules,
  ...interestRules,
  ...servingRules,
  ...askingRules,
  ...streamRules,
  ...survivalRules,
];

/** What was said in, a verdict for each rule out. `stopped`: why the scenarios that are missing were not played. */
export function judge(evidence: Evidence, stopped: string | undefined): readonly ProbeVerdict[] {
  return RULES.map((rule) => ({
    rule: rule.rule,
    text: rule.text,
    weight: rule.weight,
    outcome: outcomeOf(rule, evidence, stopped),
  }));
}

function outcomeOf(rule: Rule, evidence: Evidence, stopped: string | undefined): ProbeOutcome {
  const findings = rule.judge(evidence);
  const breaches = findings.filter((finding) => finding.kind === 'broken');
  if (breaches.length > 0) return { kind: 'broken', breaches: listed(breaches) };
  const keptOnes = findings.filter((finding) => finding.kind === 'kept');
  if (keptOnes.length > 0)
    return { kind: 'kept', note: keptOnes.find(({ note }) => note !== undefined)?.note };
  const wasPlayed = evidence.conversations.some(({ scenario }) => scenario === rule.shownBy);
  return { kind: 'not tested', why: wasPlayed ? rule.untested : (stopped ?? rule.untested) };
}

type Breach = Extract<Finding, { kind: 'broken' }>;

/** The same breach on several connections is told once. */
function listed(breaches: readonly Breach[]): readonly string[] {
  const first = new Map<string, Breach>();
  for (const breach of breaches) if (!first.has(breach.text)) first.set(breach.text, breach);
  const told = [...first.values()]
    .slice(0, PROBE_MAX_BREACHES)
    .map(({ text, place: { scenario, at } }) => `${text} (${scenario}, after ${seconds(at)})`);
  const more = first.size - told.length;
  return more > 0 ? [...told, `and ${more} more`] : told;
}

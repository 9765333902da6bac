import type { RuleJudged, RulesJudged } from './rule-events.ts';

/** The count at the end. */
export function rulesJudged(judged: readonly RuleJudged[], remarks: readonly string[]): RulesJudged {
  const countOf = (isCounted: (rule: RuleJudged) => boolean): number => judged.filter(isCounted).length;
  return {
    event: 'rules',
    kept: countOf(({ outcome }) => outcome === 'kept'),
    broken: countOf(({ outcome, weight }) => outcome === 'broken' && weight === 'rule'),
    unknown: countOf(({ outcome }) => outcome === 'unknown'),
    adviceBroken: countOf(({ outcome, weight }) => outcome === 'broken' && weight === 'advice'),
    remarks,
  };
}

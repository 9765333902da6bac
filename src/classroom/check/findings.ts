import { MAX_LISTED_BREACHES } from '../../limits.ts';
import type { Breach, Place } from './finding.ts';
import { RULE_IDS, RULES, type RuleId } from './rules.ts';
import type { RunRuleVerdict } from './run-verdict.ts';

/** What is found while logs are looked through, rule by rule. */
export class Findings {
  readonly #rules = new Map<RuleId, RuleFindings>();

  /** Something was there that the rule speaks about: without such, a rule is neither kept nor broken. */
  judged(rule: RuleId): void {
    this.#of(rule).judged = true;
  }

  breach(rule: RuleId, place: Place, text: string): void {
    const found = this.#of(rule);
    found.total += 1;
    add(found.breaches, { place, text });
  }

  /** Tolerated, and worth a word. */
  note(rule: RuleId, place: Place, text: string): void {
    add(this.#of(rule).notes, { place, text });
  }

  /** Takes over what others found, behind its own. */
  append(others: Findings): void {
    for (const [rule, { judged, total, breaches, notes }] of others.#rules) {
      const own = this.#of(rule);
      own.judged ||= judged;
      own.total += total;
      for (const breach of breaches) add(own.breaches, breach);
      for (const note of notes) add(own.notes, note);
    }
  }

  verdicts(): RunRuleVerdict[] {
    return RULE_IDS.map((rule) => verdictOf(rule, this.#of(rule)));
  }

  #of(rule: RuleId): RuleFindings {
    const found = this.#rules.get(rule) ?? { judged: false, total: 0, breaches: [], notes: [] };
    this.#rules.set(rule, found);
    return found;
  }
}

interface RuleFindings {
  judged: boolean;
  total: number;
  readonly breaches: Breach[];
  readonly notes: Breach[];
}

function add(list: Breach[], breach: Breach): void {
  if (list.length < MAX_LISTED_BREACHES) list.push(breach);
}

function verdictOf(rule: RuleId, { judged, total, breaches, notes }: RuleFindings): RunRuleVerdict {
  const { text, silence } = RULES[rule];
  const common = { rule, text, total, notes };
  if (total > 0) return { ...common, outcome: { kind: 'broken', breaches: breaches.toSorted(byPlace) } };
  return { ...common, outcome: judged ? { kind: 'kept' } : { kind: 'unknown', why: silence } };
}

/** What is about a log as a whole comes last. */
function byPlace({ place: one }: Breach, { place: other }: Breach): number {
  if (one.peer !== other.peer) return one.peer - other.peer;
  return (one.line ?? Number.MAX_SAFE_INTEGER) - (other.line ?? Number.MAX_SAFE_INTEGER);
}

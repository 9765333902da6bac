import { advice } from './advice.ts';
import { type Cause, causeOf, isHealthy } from './cause.ts';
import type { NetworkFacts } from './facts.ts';
import { remarks } from './remarks.ts';

export interface Verdict {
  readonly cause: Cause;
  /** Others are found and can be reached. */
  readonly healthy: boolean;
  /** One sentence: what is the matter, and what to do next. */
  readonly sentence: string;
  /** What else is worth knowing, a sentence each. */
  readonly remarks: readonly string[];
}

/** The one thing that the user should know. Pure. */
export function verdictOf(facts: NetworkFacts): Verdict {
  const cause = causeOf(facts);
  return {
    cause,
    healthy: isHealthy(cause),
    sentence: advice(cause, facts),
    remarks: remarks(facts, cause),
  };
}

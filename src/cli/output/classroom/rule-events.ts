/** Of `check` and `probe`. */
export interface RuleJudged {
  readonly event: 'rule';
  /** Short and stable. */
  readonly rule: string;
  /** Advice is what a good program does; the assignment does not ask for it. */
  readonly weight: 'rule' | 'advice';
  readonly outcome: RuleOutcome;
  /** What is asked for, in one sentence. */
  readonly message: string;
  /** Why it is not known, or what else is worth saying; null for nothing. */
  readonly remark: string | null;
  /** How often it is broken; of many only the first are listed. */
  readonly breachCount: number;
  readonly breaches: readonly RuleBreach[];
  /** What deviates and is tolerated; likewise. */
  readonly notes: readonly RuleBreach[];
}

export type RuleOutcome = 'kept' | 'broken' | 'unknown';

export interface RuleBreach {
  /** In whose log; null of a probe. */
  readonly peer: number | null;
  /** From 1; null where it is no line. */
  readonly line: number | null;
  readonly message: string;
}

/** Of `check`: what one log tells, in numbers. */
export interface LogJudged {
  readonly event: 'peer-log';
  readonly peer: number;
  readonly end: 'had the file' | 'complete' | 'incomplete' | 'no log';
  readonly lines: number;
  /** Where the run that is judged begins: behind line 1 where the log has earlier ones. */
  readonly fromLine: number;
  readonly piecesDownloaded: number;
  /** From whom, the most first. */
  readonly sources: readonly { readonly peer: number; readonly pieces: number }[];
  /** From the first line to the complete file; null where it is not known. */
  readonly seconds: number | null;
  readonly bytesPerSecond: number | null;
}

/** Of `check` and `probe`, at the end: how many are kept, broken, and not known. */
export interface RulesJudged {
  readonly event: 'rules';
  readonly kept: number;
  /** Advice is not among them. */
  readonly broken: number;
  readonly unknown: number;
  readonly adviceBroken: number;
  /** What should be known beside the rules, a sentence each. */
  readonly remarks: readonly string[];
}

/** Of `probe`: what is tried now. */
export interface ProbeStep {
  readonly event: 'probing';
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  readonly name: string;
}

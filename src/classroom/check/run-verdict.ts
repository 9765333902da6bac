import type { ListedPeerId } from '../config/project.ts';
import type { Breach, RuleVerdict } from './finding.ts';
import type { RuleId } from './rules.ts';

/** What is to be said of a finished run. */
export interface RunVerdict {
  /** All rules, in the order of `RULES`. */
  readonly rules: readonly RunRuleVerdict[];
  /** In the order of PeerInfo.cfg. */
  readonly peers: readonly PeerSummary[];
}

export interface RunRuleVerdict extends RuleVerdict {
  readonly rule: RuleId;
  /** How often it is broken; the outcome lists the first MAX_LISTED_BREACHES. */
  readonly total: number;
  /** What deviates, or looks odd, and is tolerated; the first MAX_LISTED_BREACHES. */
  readonly notes: readonly Breach[];
}

/** What one log tells, in numbers. */
export interface PeerSummary {
  readonly peer: ListedPeerId;
  readonly end: 'had the file' | 'complete' | 'incomplete' | 'no log';
  /** Lines of the log, blank ones counted. */
  readonly lines: number;
  /** Where the judged run begins: not at line 1 where the log has earlier runs of the same peer. */
  readonly fromLine: number;
  readonly piecesDownloaded: number;
  /** From whom, the most first. */
  readonly sources: readonly { readonly from: ListedPeerId; readonly pieces: number }[];
  /** From the first line to the complete file; undefined where there is no such line, or no time. */
  readonly completeAfterMs: number | undefined;
  /** Over that time. */
  readonly bytesPerSecond: number | undefined;
}

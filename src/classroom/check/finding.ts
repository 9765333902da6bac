import type { ListedPeerId } from '../config/project.ts';

/** Where in the logs something is seen. */
export interface Place {
  readonly peer: ListedPeerId;
  /** Counts from 1; undefined for the log as a whole. */
  readonly line: number | undefined;
}

/** One rule of the assignment, and whether the logs of a run obey it. */
export interface RuleVerdict {
  /** Short and stable, for programs: `have-before-piece`. */
  readonly rule: string;
  /** One sentence: what is asked for. */
  readonly text: string;
  readonly outcome:
    | { readonly kind: 'kept' }
    /** The logs say too little to judge. */
    | { readonly kind: 'unknown'; readonly why: string }
    | { readonly kind: 'broken'; readonly breaches: readonly Breach[] };
}

export interface Breach {
  readonly place: Place;
  /** One sentence: what is there instead. */
  readonly text: string;
}

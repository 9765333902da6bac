import type { Clock } from '../../platform/clock.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { Network } from '../../platform/network.ts';
import type { ListedPeerId, Project } from '../config/project.ts';

/** What `peer probe` needs to play the other side against a program that listens. */
export interface ProbeOptions {
  /** Where the program under test listens. */
  readonly target: Endpoint;
  /**
   * The ID that is said in the handshake. The program's PeerInfo.cfg lists it after the program itself. Undefined:
   * the last peer of `project` that does not listen at the target, or 1002.
   */
  readonly as: ListedPeerId | undefined;
  /** Both .cfg files as the program has them; undefined where they are not at hand. */
  readonly project: Project | undefined;
  /** The project's file, see `openReferenceFile`; undefined where it is not at hand. */
  readonly reference: ReferenceContent | undefined;
  readonly network: Network;
  readonly clock: Clock;
  /** Ends the probe. */
  readonly signal: AbortSignal;
  onProgress(progress: ProbeProgress): void;
}

/** What the pieces should be. */
export interface ReferenceContent {
  /** The whole piece; rejects with a DISK code. */
  piece(index: number): Promise<Uint8Array>;
}

/** A scenario begins. */
export interface ProbeProgress {
  /** Counts from 1. */
  readonly scenario: number;
  readonly scenarios: number;
  /** What is tried: `requests while choked`. */
  readonly name: string;
}

export interface ProbeReport {
  readonly target: Endpoint;
  /** Who the probe was. */
  readonly as: ListedPeerId;
  /** What the program's handshake says; undefined where none came. */
  readonly id: number | undefined;
  /** One for each rule, always all of them and in the same order. */
  readonly verdicts: readonly ProbeVerdict[];
  /** What a reader should know beside the verdicts; one sentence each. */
  readonly notes: readonly string[];
  readonly durationMs: number;
}

export interface ProbeVerdict {
  /** Short and stable, for programs: `spare-bits`. */
  readonly rule: string;
  /** One sentence: what is asked for. */
  readonly text: string;
  /** `advice`: what a good program stands; the assignment does not ask for it, and it does not fail a probe. */
  readonly weight: 'rule' | 'advice';
  readonly outcome: ProbeOutcome;
}

export type ProbeOutcome =
  /** `note`: a deviation that is allowed. */
  | { readonly kind: 'kept'; readonly note: string | undefined }
  /** One sentence each: what happened instead. */
  | { readonly kind: 'broken'; readonly breaches: readonly string[] }
  | { readonly kind: 'not tested'; readonly why: string };

/**
 * Plays the other side against the program at `target`, one scenario after the other, each on a connection of its own
 * and with its own time limit; what no peer should send comes last. The program may be given pieces, made-up ones where
 * `reference` is undefined.
 * Rejects with NETWORK when nobody listens there, USAGE when `as` is the program's own ID, INTERRUPTED when the signal
 * aborts, a DISK code of the reference. Everything is closed when it settles.
 */
export type Probe = (options: ProbeOptions) => Promise<ProbeReport>;

/** No rule is broken; advice may be. Exit code 0, else that of RULES_BROKEN. */
export function keepsTheRules({ verdicts }: ProbeReport): boolean {
  return verdicts.every(({ weight, outcome }) => weight === 'advice' || outcome.kind !== 'broken');
}

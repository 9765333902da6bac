import type { GroupEvent, PeersEnded } from './group-events.ts';
import type { LogJudged, ProbeStep, RuleJudged, RulesJudged } from './rule-events.ts';
import { isPeerRunEvent, type PeerRunEvent } from './run-events.ts';

/** What `lanshare peer` and its commands say. */
export type ClassroomCliEvent =
  | GroupEvent
  | PeersEnded
  | ProjectWritten
  | RuleJudged
  | LogJudged
  | RulesJudged
  | ProbeStep;

/** Of `init`. */
export interface ProjectWritten {
  readonly event: 'project';
  /** Path of the folder. */
  readonly directory: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes. */
  readonly pieceSize: number;
  readonly pieces: number;
  readonly peers: readonly ProjectPeer[];
  /** What to type to run all of them. */
  readonly command: string;
}

export interface ProjectPeer {
  readonly peer: number;
  readonly host: string;
  readonly port: number;
  readonly hasFile: boolean;
}

/** The compiler holds it complete. */
const OTHER_NAMES: { readonly [E in Exclude<ClassroomCliEvent, PeerRunEvent>['event']]: true } = {
  'peer-started': true,
  'peer-exited': true,
  'peers-ended': true,
  project: true,
  rule: true,
  'peer-log': true,
  rules: true,
  probing: true,
};

export function isClassroomEvent<E extends { readonly event: string }>(
  event: E,
): event is Extract<E, ClassroomCliEvent> {
  return isPeerRunEvent(event) || Object.hasOwn(OTHER_NAMES, event.event);
}

import { CHECK_CLOCK_DIFFERENCE_MS } from '../../../limits.ts';
import { type ListedPeer, type ListedPeerId, type Project, pieceCountOf } from '../../config/project.ts';
import type { LogFacts, Moment, NeighborFacts } from '../log-facts.ts';

/** All logs of a run, condensed. */
export class RunFacts {
  readonly project: Project;
  readonly #logs: ReadonlyMap<ListedPeerId, LogFacts>;
  readonly #startedTwice: ReadonlySet<ListedPeerId>;

  constructor(project: Project, logs: ReadonlyMap<ListedPeerId, LogFacts>) {
    this.project = project;
    this.#logs = logs;
    this.#startedTwice = new Set(
      project.peers
        .map(({ id }) => id)
        .filter((id) => [...logs.values()].some((log) => (log.about(id)?.connections ?? 0) > 1)),
    );
  }

  logOf(peer: ListedPeerId): LogFacts | undefined {
    return this.#logs.get(peer);
  }

  /** Perhaps: somebody tells of more than one connection with it. Its log may lack what it did before. */
  startedTwice(peer: ListedPeerId): boolean {
    return this.#startedTwice.has(peer);
  }

  /** It had the file, or has it at the end. */
  hasAll({ id, hasFile }: ListedPeer): boolean {
    return hasFile || (this.logOf(id)?.hasAll(pieceCountOf(this.project.common)) ?? false);
  }

  /** Both sides of every link that both logs tell of, in both directions. */
  *links(): Generator<Link> {
    for (const self of this.project.peers) {
      for (const other of this.project.peers) {
        const link = this.#link(self, other);
        if (self !== other && link !== undefined) yield link;
      }
    }
  }

  #link(self: ListedPeer, other: ListedPeer): Link | undefined {
    const log = this.logOf(self.id);
    const otherLog = this.logOf(other.id);
    const seen = log?.about(other.id);
    const otherSeen = otherLog?.about(self.id);
    if (log === undefined || otherLog === undefined || seen === undefined || otherSeen === undefined)
      return undefined;
    return { self, other, log, otherLog, seen, otherSeen, clocksAgree: clocksAgree(seen, otherSeen) };
  }
}

export interface Link {
  readonly self: ListedPeer;
  readonly other: ListedPeer;
  readonly log: LogFacts;
  readonly otherLog: LogFacts;
  /** What `self` says about `other`. */
  readonly seen: NeighborFacts;
  /** What `other` says about `self`. */
  readonly otherSeen: NeighborFacts;
  /** Times of the two logs may be compared. */
  readonly clocksAgree: boolean;
}

/** The two ends of a connection are logged within a moment, unless the machines' clocks or time zones differ. */
function clocksAgree({ connected: one }: NeighborFacts, { connected: other }: NeighborFacts): boolean {
  if (one?.time === undefined || other?.time === undefined) return false;
  return Math.abs(one.time - other.time) <= CHECK_CLOCK_DIFFERENCE_MS;
}

/** Certainly after it, by the clock of another log that agrees. */
export function isAfter(moment: Moment | undefined, time: number | undefined): boolean {
  if (moment?.time === undefined || time === undefined) return false;
  return moment.time - time > CHECK_CLOCK_DIFFERENCE_MS;
}

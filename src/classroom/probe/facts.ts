import { LanshareError } from '../../errors.ts';
import {
  PROBE_DEFAULT_INTERVAL_SECONDS,
  PROBE_MAX_UNCHOKE_WAIT_MS,
  PROBE_UNCHOKE_TOLERANCE_MS,
} from '../../limits.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import {
  type ListedPeer,
  type ListedPeerId,
  listedPeerId,
  type Project,
  pieceCountOf,
} from '../config/project.ts';

/** What is known of the program under test and its project, before it has said a word. */
export interface Facts {
  /** Who the probe is. */
  readonly as: ListedPeerId;
  /** Who the program is, by PeerInfo.cfg. */
  readonly id: ListedPeerId | undefined;
  /** It has the whole file, by PeerInfo.cfg. */
  readonly hasFile: boolean | undefined;
  readonly file: FileShape | undefined;
  /** By when it unchokes its only interested neighbour; undefined where that is too long to wait for. */
  readonly unchokeWithinMs: number | undefined;
  readonly listed: readonly ListedPeerId[];
}

export interface FileShape {
  readonly pieceCount: number;
  /** Bytes; the last piece may be shorter. */
  readonly pieceSize: number;
  /** Bytes. */
  readonly fileSize: number;
}

/** Where nothing else is said: the second peer of the courses' samples. */
const DEFAULT_AS = 1002;

/** @throws LanshareError USAGE where the probe would have the program's own ID. */
export function factsOf(project: Project | undefined, target: Endpoint, as: ListedPeerId | undefined): Facts {
  const program = project === undefined ? undefined : programOf(project, target, as);
  const own = as ?? project?.peers.findLast((peer) => peer !== program)?.id ?? listedPeerId(DEFAULT_AS);
  if (own === undefined || own === program?.id) throw ownIdTaken(own);
  return {
    as: own,
    id: program?.id,
    hasFile: program?.hasFile,
    file: project === undefined ? undefined : { ...project.common, pieceCount: pieceCountOf(project.common) },
    unchokeWithinMs: unchokeWithin(project),
    listed: project?.peers.map(({ id }) => id) ?? [],
  };
}

/** Bytes of a piece as they should be. */
export function pieceLength({ pieceCount, pieceSize, fileSize }: FileShape, index: number): number {
  return index === pieceCount - 1 ? fileSize - index * pieceSize : pieceSize;
}

/** The program is the one that listens on that port; with several hosts, the one that is called so. */
function programOf(
  { peers }: Project,
  target: Endpoint,
  as: ListedPeerId | undefined,
): ListedPeer | undefined {
  const there = peers.filter(({ port }) => port === target.port);
  const named = there.find(({ host }) => host === target.host) ?? there[0];
  if (named !== undefined) return named;
  const others = peers.filter(({ id }) => id !== (as ?? peers.at(-1)?.id));
  return others.length === 1 ? others[0] : undefined;
}

function unchokeWithin(project: Project | undefined): number | undefined {
  const seconds =
    project === undefined
      ? PROBE_DEFAULT_INTERVAL_SECONDS
      : Math.max(project.common.unchokingIntervalSeconds, project.common.optimisticUnchokingIntervalSeconds);
  const withinMs = seconds * 1_000 + PROBE_UNCHOKE_TOLERANCE_MS;
  return withinMs <= PROBE_MAX_UNCHOKE_WAIT_MS ? withinMs : undefined;
}

function ownIdTaken(own: ListedPeerId | undefined): LanshareError {
  return new LanshareError(
    'USAGE',
    `the probe would be peer ${own}, which is the program under test itself`,
    'give the ID of a peer that PeerInfo.cfg lists after it with --as',
  );
}

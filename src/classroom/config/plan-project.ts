import { LanshareError } from '../../errors.ts';
import { MAX_LISTED_PEERS } from '../../limits.ts';
import { quoted } from './config-fault.ts';
import { commonConfigText, peerInfoText } from './config-text.ts';
import { type CommonConfig, type ListedPeer, listedPeerId, type Project } from './project.ts';
import { projectOf } from './project-of.ts';

/** What `lanshare peer init` is told about the project. */
export interface ProjectWishes {
  /** How many peers in all. */
  readonly peers: number;
  /** How many of them have the file at the start: the first ones. */
  readonly seeders: number;
  /** Bytes. */
  readonly pieceSize: number;
  /** Undefined: 3, or fewer where a peer has fewer others. */
  readonly preferredNeighbors: number | undefined;
  readonly unchokingIntervalSeconds: number;
  readonly optimisticUnchokingIntervalSeconds: number;
  /** Of all peers. */
  readonly host: string;
}

/** The file that is to be exchanged. */
export interface ProjectFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** Both files as they are to be written, and what they say. */
export interface PlannedProject {
  readonly project: Project;
  readonly commonText: string;
  readonly peerInfoText: string;
}

/** The first ID is the assignment's. */
const FIRST_ID = 1001;

/**
 * Peers 1001, 1002, ..., one for each port.
 *
 * @throws LanshareError USAGE for numbers of peers that do not fit, UNSAFE_NAME for a file name that cannot stand in
 * Common.cfg, BAD_CONFIG for everything else that `projectOf` would refuse.
 */
export function planProject(
  wishes: ProjectWishes,
  file: ProjectFile,
  ports: readonly number[],
): PlannedProject {
  refuseNumbers(wishes);
  const common = commonConfigText(commonOf(wishes, file));
  const peerInfo = peerInfoText(peersOf(wishes, ports));
  const { project } = projectOf(common, peerInfo);
  // Blanks at its ends, a comment's sign: other programs would read another name.
  if (project.common.fileName !== file.name) throw unfitName(file.name);
  return { project, commonText: common, peerInfoText: peerInfo };
}

export function refuseNumbers({ peers, seeders }: ProjectWishes): void {
  if (peers < 1 || peers > MAX_LISTED_PEERS) {
    throw new LanshareError(
      'USAGE',
      `a project cannot have ${peers} peers`,
      `take 1 to ${MAX_LISTED_PEERS} peers`,
    );
  }
  if (seeders < 1 || seeders > peers) {
    const text = `${seeders} of ${peers} peers cannot have the file at the start`;
    throw new LanshareError('USAGE', text, `take 1 to ${peers} seeders`);
  }
}

function commonOf(wishes: ProjectWishes, { name, size }: ProjectFile): CommonConfig {
  if (/[\r\n]/.test(name)) throw unfitName(name);
  return {
    preferredNeighbors: wishes.preferredNeighbors ?? sensibleNeighbors(wishes.peers),
    unchokingIntervalSeconds: wishes.unchokingIntervalSeconds,
    optimisticUnchokingIntervalSeconds: wishes.optimisticUnchokingIntervalSeconds,
    fileName: name,
    fileSize: size,
    pieceSize: wishes.pieceSize,
  };
}

/** One of the others is left for the optimistic unchoke; never more than the 3 of the courses' sample. */
function sensibleNeighbors(peers: number): number {
  return Math.max(1, Math.min(3, peers - 2));
}

function peersOf({ peers, seeders, host }: ProjectWishes, ports: readonly number[]): readonly ListedPeer[] {
  return ports.slice(0, peers).flatMap((port, at) => {
    const id = listedPeerId(FIRST_ID + at);
    return id === undefined ? [] : [{ id, host, port, hasFile: at < seeders }];
  });
}

function unfitName(name: string): LanshareError {
  return new LanshareError(
    'UNSAFE_NAME',
    `the file name ${quoted(name)} cannot stand in Common.cfg`,
    'rename the file: blanks at its ends and what looks like a comment get lost',
  );
}

import type { LanshareError } from '../../errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Network } from '../../platform/network.ts';
import type { Random } from '../../platform/random.ts';
import type { ListedPeerId, Project } from '../config/project.ts';

/** One peer of PeerInfo.cfg, ready to run. */
export interface ClassroomPeerOptions {
  readonly project: Project;
  readonly id: ListedPeerId;
  /** Absolute path of the folder with both .cfg files: data and log are below it. */
  readonly directory: string;
  /** How long peers that lack pieces and are not linked are waited for, when nothing else is left to do. */
  readonly waitMs: number;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  /** The program's own diagnostics; the prescribed log is another thing. */
  readonly logger: Logger;
  /** Ends the run. */
  readonly signal: AbortSignal;
  onEvent(event: ClassroomEvent): void;
}

/** What a run tells while it goes on. */
export type ClassroomEvent =
  | { readonly event: 'listening'; readonly port: number; readonly log: string }
  | { readonly event: 'peer-connected'; readonly id: ListedPeerId; readonly dialed: boolean }
  | { readonly event: 'peer-disconnected'; readonly id: ListedPeerId; readonly reason: string }
  /** Somebody who connected was refused, or somebody linked broke the protocol. */
  | { readonly event: 'peer-refused'; readonly address: string; readonly reason: string }
  | { readonly event: 'preferred'; readonly neighbors: readonly ListedPeerId[] }
  | { readonly event: 'optimistic'; readonly neighbor: ListedPeerId | undefined }
  /** No more than ten times a second. Bytes, pieces, bytes a second. */
  | {
      readonly event: 'peer-progress';
      readonly piecesDone: number;
      readonly piecesTotal: number;
      readonly bytesDone: number;
      readonly bytesTotal: number;
      readonly downBytesPerSecond: number;
      readonly upBytesPerSecond: number;
    }
  /** Our file is whole, under its name. */
  | { readonly event: 'peer-complete'; readonly path: string }
  /** Something that deviates and is tolerated: non-zero zeros, an all-zero bitfield, ... */
  | { readonly event: 'peer-note'; readonly text: string };

/** How a run ended. */
export type RunResult =
  | { readonly kind: 'all complete' }
  /** Waited for in vain; `fault` is what the user is told (PEERS_MISSING, exit code 3). */
  | { readonly kind: 'given up'; readonly fault: LanshareError };

/**
 * Resolves when every peer has the file, or those that lack it are not waited for any more; everything is closed
 * then. Rejects with PORT_IN_USE, a NO_SUCH_PATH / CONTENT_MISMATCH for the file of a peer that should have it, a
 * DISK code, or INTERRUPTED when the signal aborts.
 */
export type RunClassroomPeer = (options: ClassroomPeerOptions) => Promise<RunResult>;

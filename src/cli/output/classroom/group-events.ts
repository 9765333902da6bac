import type { ErrorCode } from '../../../errors.ts';
import type { PeerRunEvent } from './run-events.ts';

/** What is said while `peer --all` runs: the events of all peers of this machine, and when each begins and ends. */
export type GroupEvent = PeerRunEvent | PeerStarted | PeerExited;

/** Of `--all`: one for each line of PeerInfo.cfg. */
export interface PeerStarted {
  readonly event: 'peer-started';
  readonly peer: number;
  /** As PeerInfo.cfg has it. */
  readonly host: string;
  readonly port: number;
  /** False where its host is another machine: it is not started then. */
  readonly here: boolean;
  /** It has the file at the start. */
  readonly hasFile: boolean;
}

/** Of `--all`: the process of a peer ended. */
export interface PeerExited {
  readonly event: 'peer-exited';
  readonly peer: number;
  /** Null where a signal ended it, or it could not be started. */
  readonly exitCode: number | null;
  /** The code, message and hint of its `error`; of one that had none, null, the reason and nothing. */
  readonly code: ErrorCode | null;
  /** Null after a good end. */
  readonly message: string | null;
  readonly hint: string;
}

/** It was asked to end, most likely by us. */
export function wasStopped({ code }: PeerExited): boolean {
  return code === 'INTERRUPTED' || code === 'TERMINATED';
}

/** Of `--all`, when the last process has ended. */
export interface PeersEnded {
  readonly event: 'peers-ended';
  /** Those of this machine that have the whole file. */
  readonly complete: readonly number[];
  readonly incomplete: readonly number[];
  /** Of the file, that the peers of this machine received. */
  readonly bytes: number;
  /** From the first connection to the last piece. */
  readonly seconds: number;
  readonly bytesPerSecond: number;
  /** What to type to have the logs checked. */
  readonly command: string;
}

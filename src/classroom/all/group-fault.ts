import { type ErrorCode, LanshareError } from '../../errors.ts';
import type { ChildExit } from '../../platform/child-process.ts';
import type { ListedPeerId } from '../config/project.ts';

/** What a peer said about its failure before it ended. */
export interface ToldFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Why one process failed; undefined after a good end. */
export function faultOfExit(
  peer: ListedPeerId,
  exit: ChildExit,
  told: ToldFault | undefined,
): LanshareError | undefined {
  switch (exit.kind) {
    case 'exited': {
      if (exit.code === 0) return undefined;
      if (told !== undefined) return new LanshareError(told.code, told.message, told.hint);
      return new LanshareError('INTERNAL', `it said nothing, and its exit code is ${exit.code}`);
    }
    case 'killed':
      return new LanshareError(
        'PEERS_MISSING',
        `it was killed (${exit.signal})`,
        `start it again with lanshare peer ${peer} while the others wait for it`,
      );
    case 'not started':
      return new LanshareError('INTERNAL', `it could not be started: ${exit.reason}`);
  }
}

/** A peer that failed, and why. */
export interface FailedPeer {
  readonly peer: ListedPeerId;
  readonly fault: LanshareError;
}

/**
 * The fault of all together, of those who `failed`, in the order in which they did. Who waited for others in vain failed
 * because one of the others did.
 */
export function groupFault(failed: readonly FailedPeer[]): LanshareError | undefined {
  const cause = failed.find(({ fault }) => fault.code !== 'PEERS_MISSING') ?? failed[0];
  if (cause === undefined) return undefined;
  const { code, message, hint } = cause.fault;
  const others = failed.filter((one) => one !== cause).map(({ peer }) => peer);
  const also = others.length === 0 ? '' : `; ${others.join(', ')} failed, too`;
  return new LanshareError(code, `${cause.peer}: ${message}${also}`, hint);
}

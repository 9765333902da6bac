import { LanshareError } from '../errors.ts';
import { HASH_BUFFERS_BYTES, MAX_HASH_LANES } from '../limits.ts';
import { allHashThreads, createPieceHasher, type PieceHasher, sharedMemory } from './piece-hasher.ts';

/**
 * Hands the items to `width` loops, each of which takes the next one when it is done with its last. Rejects
 * with a failure of one of them, after all have stopped: then nothing is in use any more.
 * Rejects with INTERRUPTED when the signal aborts.
 */
export async function inLanes<T>(
  items: Iterable<T>,
  width: number,
  run: (item: T, lane: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;

  async function loop(lane: number): Promise<void> {
    try {
      while (!failed) {
        const next = iterator.next();
        if (next.done === true) return;
        if (signal?.aborted === true) throw interruption(signal);
        await run(next.value, lane);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  }

  const lanes = await Promise.allSettled(Array.from({ length: width }, (_, lane) => loop(lane)));
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
}

/** A piece in a lane's own memory, which threads can read, and the hasher to check it with. */
export type PieceWork<T> = (item: T, buffer: Uint8Array, hasher: PieceHasher) => Promise<void>;

export interface PieceLanesOptions {
  readonly width: number;
  /** Of the largest piece. */
  readonly pieceBytes: number;
  /** Closed at the end. Default: one with a thread a core. */
  readonly hasher?: PieceHasher | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `inLanes` for pieces that are read and checked: each lane has a buffer, and all share a hasher. */
export async function inPieceLanes<T>(
  items: Iterable<T>,
  { width, pieceBytes, hasher = createPieceHasher(allHashThreads()), signal }: PieceLanesOptions,
  work: PieceWork<T>,
): Promise<void> {
  const buffers: Uint8Array[] = [];
  const run = (item: T, lane: number): Promise<void> => {
    buffers[lane] ??= sharedMemory(pieceBytes);
    return work(item, buffers[lane], hasher);
  };
  try {
    await inLanes(items, width, run, signal);
  } finally {
    await hasher.close();
  }
}

/** How many pieces to work on at once: two at least, so that one is read while the other is hashed. */
export function pieceLanes(pieceLength: number): number {
  return Math.max(2, Math.min(MAX_HASH_LANES, Math.floor(HASH_BUFFERS_BYTES / pieceLength)));
}

/** Whoever stops the work may say why with an error of ours; otherwise it is INTERRUPTED. */
function interruption(signal: AbortSignal): LanshareError {
  if (signal.reason instanceof LanshareError) return signal.reason;
  return new LanshareError('INTERRUPTED', 'the work was interrupted', 'run the same command again');
}

import { LanshareError } from '../errors.ts';
import { HASH_BUFFERS_BYTES, MAX_HASH_LANES } from '../limits.ts';

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

/** How many pieces to work on at once: two at least, so that one is read while the other is hashed. */
export function pieceLanes(pieceLength: number): number {
  return Math.max(2, Math.min(MAX_HASH_LANES, Math.floor(HASH_BUFFERS_BYTES / pieceLength)));
}

/** Whoever stops the work may say why with an error of ours; otherwise it is INTERRUPTED. */
function interruption(signal: AbortSignal): LanshareError {
  if (signal.reason instanceof LanshareError) return signal.reason;
  return new LanshareError('INTERRUPTED', 'the work was interrupted', 'run the same command again');
}

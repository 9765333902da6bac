import { REQUEST_WINDOW_MAX_BYTES, REQUEST_WINDOW_MIN_BYTES, REQUEST_WINDOW_MS } from '../limits.ts';

/**
 * Bytes to keep asked for at a peer: what it sends in REQUEST_WINDOW_MS, so that it never waits for us,
 * and little enough that pieces are not promised to a slow peer. At least two pieces, so that one can
 * travel while the next is asked for.
 */
export function requestWindowBytes(bytesPerSecond: number, pieceLength: number): number {
  const byRate = (bytesPerSecond * REQUEST_WINDOW_MS) / 1000;
  const bounded = Math.min(REQUEST_WINDOW_MAX_BYTES, Math.max(REQUEST_WINDOW_MIN_BYTES, byRate));
  return Math.max(bounded, 2 * pieceLength);
}

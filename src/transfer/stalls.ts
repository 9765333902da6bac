import {
  SNUBBED_AFTER_MS,
  STALL_TIMEOUT_MS,
  UNPROVEN_SNUBBED_AFTER_MS,
  UNPROVEN_STALL_TIMEOUT_MS,
} from '../limits.ts';
import type { PeerSession } from './peer-session.ts';
import type { ReadGate } from './read-gate.ts';

export interface StallSurroundings {
  readonly gate: ReadGate;
  /** Whether all that the peer owes us could come from others. */
  isReplaceable(session: PeerSession): boolean;
}

/** Nothing comes of what this peer owes us, and others could give it: they should be asked. */
export function isSnubbing(
  session: PeerSession,
  { gate, isReplaceable }: StallSurroundings,
  now: number,
): boolean {
  const { owesSince, snubbedSince, lastProgressAt, standing } = session;
  if (owesSince === undefined || snubbedSince !== undefined || gate.closed) return false;
  const patienceMs = standing.value === 'proven' ? SNUBBED_AFTER_MS : UNPROVEN_SNUBBED_AFTER_MS;
  return now - Math.max(owesSince, lastProgressAt, gate.openedAt) > patienceMs && isReplaceable(session);
}

/**
 * Of what was asked of this peer not a byte has come for so long. Who gives it byte by byte has longer, but must not
 * keep a piece from others for hours.
 */
export function isUnanswered(
  { owesSince, lastByteAt, lastProgressAt }: PeerSession,
  gate: ReadGate,
  timeoutMs: number,
  now: number,
): boolean {
  if (owesSince === undefined || gate.closed) return false;
  const since = Math.max(owesSince, gate.openedAt);
  if (now - Math.max(since, lastByteAt) > timeoutMs) return true;
  return now - Math.max(since, lastProgressAt) > DRIPPING_TIMEOUTS * timeoutMs;
}

/**
 * Milliseconds of silence after which a peer that owes us something has stalled; undefined where it has not. Who has
 * never given a piece is given less time, and must not give it byte by byte, where others can give what it owes.
 */
export function stalledAfter(
  session: PeerSession,
  { gate, isReplaceable }: StallSurroundings,
  now: number,
): number | undefined {
  const { owesSince, lastByteAt, lastProgressAt, standing } = session;
  // Silence that we asked for is not a stall.
  if (owesSince === undefined || gate.closed) return undefined;
  const since = Math.max(owesSince, gate.openedAt);
  if (now - Math.max(since, lastByteAt) > STALL_TIMEOUT_MS) return STALL_TIMEOUT_MS;
  const impatient =
    now - Math.max(since, lastProgressAt) > UNPROVEN_STALL_TIMEOUT_MS &&
    standing.value !== 'proven' &&
    isReplaceable(session);
  return impatient ? UNPROVEN_STALL_TIMEOUT_MS : undefined;
}

/** So many time-outs long may bytes come one by one; then it was not slowness. */
const DRIPPING_TIMEOUTS = 4;

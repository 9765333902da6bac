import { SILENT_SEEDER_MS } from '../../limits.ts';
import type { PeerSession } from '../../transfer/peer-session.ts';

/**
 * Some programs say nothing after the handshake until the other side does, and whoever has nothing may skip its bitfield:
 * they would wait for each other. So a peer that has something to tell, and does not, is sent the bitfield without a
 * piece. Returns whether it was.
 */
export function breakSilence(session: PeerSession, ourBits: Uint8Array, now: number): boolean {
  const { toldIndex, interested, openedAt, lastReceivedAt, link } = session;
  const heardNothing = !toldIndex && !interested && lastReceivedAt === openedAt;
  if (!heardNothing || now - openedAt <= SILENT_SEEDER_MS) return false;
  link.bitfield(ourBits);
  return true;
}

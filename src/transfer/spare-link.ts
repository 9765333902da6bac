import { USELESS_LINK_MS } from '../limits.ts';
import type { PeerSession } from './peer-session.ts';

/** A link of ours that is of no use to either side and can be given up for a better one; the idlest first. */
export function spareLink(sessions: Iterable<PeerSession>, now: number): PeerSession | undefined {
  let idlest: PeerSession | undefined;
  for (const session of sessions) {
    if (!isSpare(session, now)) continue;
    if (idlest === undefined || session.lastExchangeAt < idlest.lastExchangeAt) idlest = session;
  }
  return idlest;
}

function isSpare(
  { link, wanted, interested, standing, lastExchangeAt, openedAt }: PeerSession,
  now: number,
): boolean {
  if (!link.dialed || now - openedAt < USELESS_LINK_MS) return false;
  // What a doubted peer says that it has, or wants, keeps nobody else out.
  if (standing.value === 'doubted') return true;
  return wanted === 0 && !interested && link.queuedUploads === 0 && now - lastExchangeAt > USELESS_LINK_MS;
}

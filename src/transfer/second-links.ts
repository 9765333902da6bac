import type { PeerId } from '../holdings/holding.ts';
import { SECOND_LINK_AFTER_MS, SECOND_LINK_RETRY_MS, SECOND_LINK_TRIAL_MS } from '../limits.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { PeerSession } from './peer-session.ts';
import type { RouteOf } from './route.ts';

/**
 * Two hosts that share two networks use both: no host knows which one is faster before it has tried, and where one is
 * lost the other carries on at once. A network that is so much slower that it only gets in the way is left again.
 */
export interface SecondLinkOptions {
  readonly sessions: ReadonlySet<PeerSession>;
  readonly routeOf: RouteOf;
  /** Where the peer could be dialled now. */
  idleAddresses(peerId: PeerId): readonly Endpoint[];
}

export interface SecondLink {
  readonly peerId: PeerId;
  readonly endpoint: Endpoint;
  /** Only the native dialect can say that a link is a second one. */
  readonly dialect: 'lan';
}

/** Addresses to dial beside links that work: on another LAN of ours. */
export function secondLinks(
  { sessions, routeOf, idleAddresses }: SecondLinkOptions,
  now: number,
): SecondLink[] {
  const wanted: SecondLink[] = [];
  for (const [peerId, [first, ...others]] of byPeer(sessions)) {
    if (first === undefined || others.length > 0 || !isWorthASecond(first, now)) continue;
    const { lan } = routeOf(first.link.remote);
    const elsewhere = idleAddresses(peerId).filter((endpoint) => {
      const route = routeOf(endpoint);
      return route.lan !== undefined && route.lan !== lan;
    });
    const [endpoint] = elsewhere.sort((a, b) => routeOf(a).preference - routeOf(b).preference);
    if (endpoint !== undefined) wanted.push({ peerId, endpoint, dialect: 'lan' });
  }
  return wanted;
}

/** Ends the slower one of two links to a peer where the other is worth many of it. */
export function endSlowLinks(sessions: ReadonlySet<PeerSession>, now: number): void {
  for (const ofPeer of byPeer(sessions).values()) {
    const second = ofPeer.find((session) => session.second);
    if (ofPeer.length < 2 || second === undefined || !second.link.dialed) continue;
    if (now - second.openedAt < SECOND_LINK_TRIAL_MS) continue;
    const rates = ofPeer.map((session) => session.down.bytesPerSecond(now));
    const fastest = Math.max(...rates);
    ofPeer.forEach((session, at) => {
      if ((rates[at] ?? 0) * MUCH_SLOWER_FACTOR >= fastest) return;
      session.notAgainBefore = now + SECOND_LINK_RETRY_MS;
      // A polite end would wait behind the pieces that are on their way.
      session.link.drop('another network is much faster');
    });
  }
}

const MUCH_SLOWER_FACTOR = 4;

/** Only who dialled the first link opens a second: two that do so at once would refuse each other's. */
function isWorthASecond(session: PeerSession, now: number): boolean {
  const { link, amInterested, choking, standing, openedAt } = session;
  if (link.dialect !== 'lan' || !link.dialed || !amInterested || choking || standing.value !== 'proven')
    return false;
  return now - openedAt > SECOND_LINK_AFTER_MS;
}

function byPeer(sessions: Iterable<PeerSession>): Map<PeerId, PeerSession[]> {
  const peers = new Map<PeerId, PeerSession[]>();
  for (const session of sessions) {
    const ofPeer = peers.get(session.link.peerId);
    if (ofPeer === undefined) peers.set(session.link.peerId, [session]);
    else ofPeer.push(session);
  }
  return peers;
}

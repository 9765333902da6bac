import { MAX_EXCHANGED_PEERS, PEER_EXCHANGE_FIRST_MS, PEER_EXCHANGE_INTERVAL_MS } from '../limits.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { ExchangedPeer } from '../wire/bt/message.ts';
import type { PeerSession } from './peer-session.ts';

interface Told {
  nextAt: number;
  readonly peers: Map<string, Endpoint>;
}

/** Tells linked BitTorrent clients of the others that are linked here, and of those that no longer are (BEP 11). */
export class PeerExchange {
  readonly #told = new Map<PeerSession, Told>();

  tick(sessions: Iterable<PeerSession>, now: number): void {
    const linked = new Map<string, ExchangedPeer>();
    for (const { listensAt, theirs } of sessions)
      if (listensAt !== undefined)
        linked.set(formatEndpoint(listensAt), { endpoint: listensAt, seed: theirs.complete });
    for (const session of sessions)
      if (session.link.dialect === 'bittorrent') this.#tell(session, linked, now);
  }

  onClosed(session: PeerSession): void {
    this.#told.delete(session);
  }

  #tell(session: PeerSession, linked: ReadonlyMap<string, ExchangedPeer>, now: number): void {
    const told = this.#told.get(session) ?? { nextAt: now + PEER_EXCHANGE_FIRST_MS, peers: new Map() };
    this.#told.set(session, told);
    if (now < told.nextAt) return;
    const own = session.listensAt === undefined ? undefined : formatEndpoint(session.listensAt);
    const added: ExchangedPeer[] = [];
    for (const [key, peer] of linked) {
      if (added.length >= MAX_EXCHANGED_PEERS / 4) break;
      if (key !== own && !told.peers.has(key)) added.push(peer);
    }
    const dropped: Endpoint[] = [];
    for (const [key, endpoint] of told.peers) if (!linked.has(key)) dropped.push(endpoint);
    if (added.length === 0 && dropped.length === 0) return;
    for (const { endpoint } of added) told.peers.set(formatEndpoint(endpoint), endpoint);
    for (const endpoint of dropped) told.peers.delete(formatEndpoint(endpoint));
    told.nextAt = now + PEER_EXCHANGE_INTERVAL_MS;
    session.link.exchangePeers(added, dropped);
  }
}

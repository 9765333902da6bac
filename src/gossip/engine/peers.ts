import type { PeerId } from '../../holdings/holding.ts';
import { MAX_GOSSIP_SESSIONS_PER_PEER } from '../../limits.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import { shortIdOf } from '../gossip-message.ts';
import type { Context } from './context.ts';
import type { Peer, Session } from './peer.ts';
import { RandomPool } from './random-pool.ts';

/** Everybody who has proven himself to us, by id and by address. */
export class Peers {
  readonly #context: Context;
  readonly #byShortId = new Map<string, Peer>();
  readonly #sessions = new Map<string, Session>();
  readonly #hosts = new Map<string, number>();
  readonly #pool = new RandomPool<Peer>();
  #members = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  get pool(): RandomPool<Peer> {
    return this.#pool;
  }

  /** Peers that have a summary. */
  get memberCount(): number {
    return this.#members;
  }

  get(peerId: PeerId): Peer | undefined {
    const peer = this.#byShortId.get(shortIdOf(peerId));
    return peer?.peerId === peerId ? peer : undefined;
  }

  byShortId(shortId: string): Peer | undefined {
    return this.#byShortId.get(shortId);
  }

  at(endpoint: Endpoint): Session | undefined {
    return this.#sessions.get(formatEndpoint(endpoint));
  }

  isKnown(peer: Peer): boolean {
    return this.#byShortId.get(peer.shortId) === peer;
  }

  /** Whether a peer that is not known yet may be added. */
  hasRoomFor(peerId: PeerId, { host, port }: Endpoint): boolean {
    const { peers, peersPerHost } = this.#context.limits;
    if (this.#byShortId.has(shortIdOf(peerId))) return false;
    // Another process at a known address takes the place of the one that was there.
    if (this.at({ host, port }) !== undefined) return true;
    return this.#pool.size < peers && (this.#hosts.get(host) ?? 0) < peersPerHost;
  }

  /** Notes that the peer has proven itself there. The newest address is used first. */
  attach(peer: Peer, endpoint: Endpoint, given: Uint8Array, theirs: Uint8Array): Session {
    const { now } = this.#context;
    const known = peer.sessionAt(endpoint);
    const forgottenAt = known?.forgottenAt ?? Number.NEGATIVE_INFINITY;
    const session: Session = { peer, endpoint, given, theirs, heardAt: now, forgottenAt };
    if (known !== undefined) this.detach(known);
    peer.sessions = [session, ...peer.sessions];
    for (const surplus of peer.sessions.slice(MAX_GOSSIP_SESSIONS_PER_PEER)) this.detach(surplus);
    this.#sessions.set(formatEndpoint(endpoint), session);
    this.#hosts.set(endpoint.host, (this.#hosts.get(endpoint.host) ?? 0) + 1);
    if (!this.isKnown(peer)) this.#byShortId.set(peer.shortId, peer);
    this.#pool.add(peer);
    return session;
  }

  detach(session: Session): void {
    const { peer, endpoint } = session;
    peer.sessions = peer.sessions.filter((other) => other !== session);
    const key = formatEndpoint(endpoint);
    if (this.#sessions.get(key) !== session) return;
    this.#sessions.delete(key);
    const ofHost = (this.#hosts.get(endpoint.host) ?? 1) - 1;
    if (ofHost === 0) this.#hosts.delete(endpoint.host);
    else this.#hosts.set(endpoint.host, ofHost);
  }

  remove(peer: Peer): void {
    if (!this.isKnown(peer)) return;
    for (const session of peer.sessions) this.detach(session);
    this.#byShortId.delete(peer.shortId);
    this.#pool.delete(peer);
    if (peer.summary !== undefined) this.#members--;
  }

  summarize(peer: Peer, summary: Peer['summary']): void {
    if (peer.summary === undefined) this.#members++;
    peer.summary = summary;
  }
}

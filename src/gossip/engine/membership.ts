import type { Digests } from './digests.ts';
import type { LostPeers } from './lost-peers.ts';
import type { Peer, Session } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Signed } from './signed.ts';
import type { Tombstones } from './tombstones.ts';

export interface MembershipListener {
  /** A proven peer says something new of itself; `via` passed it on, if anybody did. */
  summarized?(peer: Peer, before: Signed<'summary'> | undefined, via: Peer | undefined): void;
  /** It is no longer there: called before it is forgotten. */
  gone?(peer: Peer): void;
}

/** Who is there: the one place where members come, change and go. */
export class Membership {
  readonly #peers: Peers;
  readonly #digests: Digests;
  readonly #lost: LostPeers;
  readonly #tombstones: Tombstones;
  readonly #listeners: MembershipListener[] = [];

  constructor(parts: {
    readonly peers: Peers;
    readonly digests: Digests;
    readonly lost: LostPeers;
    readonly tombstones: Tombstones;
  }) {
    this.#peers = parts.peers;
    this.#digests = parts.digests;
    this.#lost = parts.lost;
    this.#tombstones = parts.tombstones;
  }

  /** Told in the order in which they were added. */
  listen(...listeners: readonly MembershipListener[]): void {
    this.#listeners.push(...listeners);
  }

  /** Takes a genuine summary of a proven peer, if it is newer; false where it is not. */
  adopt(peer: Peer, summary: Signed<'summary'>, via: Peer | undefined): boolean {
    const before = peer.summary;
    if (before !== undefined && summary.statement.version <= before.statement.version) return false;
    this.#peers.summarize(peer, summary);
    this.#digests.members.set(peer.shortId, summary.statement.version);
    for (const listener of this.#listeners) listener.summarized?.(peer, before, via);
    return true;
  }

  /** It has said goodbye. */
  left(peer: Peer, leave: Signed<'leave'>): void {
    this.#tombstones.set(leave);
    this.#remove(peer);
  }

  /** Neither it nor anybody for it has answered for long enough: it may come back. */
  silent(peer: Peer): void {
    const endpoints = peer.sessions.map(({ endpoint }) => endpoint);
    this.#remove(peer);
    this.#lost.add(peer, endpoints);
  }

  /** Another process answers where it was. */
  replaced(session: Session): void {
    const { peer } = session;
    if (peer.sessions.length > 1) this.#peers.detach(session);
    else this.#remove(peer);
  }

  #remove(peer: Peer): void {
    for (const listener of this.#listeners) listener.gone?.(peer);
    this.#digests.members.delete(peer.shortId);
    this.#peers.remove(peer);
  }
}

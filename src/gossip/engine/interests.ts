import { GOSSIP_INTEREST_LINGER_MS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Context } from './context.ts';
import type { Digests } from './digests.ts';
import type { MembershipListener } from './membership.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { RandomPool } from './random-pool.ts';
import type { Signed } from './signed.ts';

const NOBODY: RandomPool<Peer> = new RandomPool();

/**
 * The contents whose piece indexes we want to hear, and which members want them, too. A content that is no
 * longer wanted stays open for a moment, so that our last word on it is still spread and asked for.
 */
export class Interests implements MembershipListener {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #digests: Digests;
  readonly #closed: (infoHash: InfoHash) => void;
  readonly #audiences = new Map<InfoHash, RandomPool<Peer>>();
  #wanted: ReadonlySet<InfoHash> = new Set();

  constructor(context: Context, peers: Peers, digests: Digests, closed: (infoHash: InfoHash) => void) {
    this.#context = context;
    this.#peers = peers;
    this.#digests = digests;
    this.#closed = closed;
  }

  get wanted(): ReadonlySet<InfoHash> {
    return this.#wanted;
  }

  /** Wanted, or wanted a moment ago. */
  isOpen(infoHash: InfoHash): boolean {
    return this.#audiences.has(infoHash);
  }

  /** Members that want to hear of it; nobody where it is not open here. */
  audience(infoHash: InfoHash): RandomPool<Peer> {
    return this.#audiences.get(infoHash) ?? NOBODY;
  }

  /** Open contents that the peer wants, too. */
  sharedWith(peer: Peer): InfoHash[] {
    return peer.summary?.statement.interests.filter((infoHash) => this.isOpen(infoHash)) ?? [];
  }

  /** Returns those that were not wanted before. */
  want(infoHashes: Iterable<InfoHash>): InfoHash[] {
    const before = this.#wanted;
    this.#wanted = new Set(infoHashes);
    const added = [...this.#wanted].filter((infoHash) => !before.has(infoHash));
    for (const infoHash of added) this.#open(infoHash);
    for (const infoHash of before) this.linger(infoHash);
    return added;
  }

  /** Opens a content, as there is something to say about it, until it may be closed. */
  linger(infoHash: InfoHash): void {
    if (this.#wanted.has(infoHash)) return;
    this.#open(infoHash);
    this.#context.agenda.in(GOSSIP_INTEREST_LINGER_MS, () => this.#close(infoHash));
  }

  summarized(peer: Peer, before: Signed<'summary'> | undefined): void {
    const interests = peer.summary?.statement.interests ?? [];
    for (const infoHash of before?.statement.interests ?? [])
      if (!interests.includes(infoHash)) this.#audiences.get(infoHash)?.delete(peer);
    for (const infoHash of interests) this.#audiences.get(infoHash)?.add(peer);
  }

  gone(peer: Peer): void {
    for (const infoHash of peer.summary?.statement.interests ?? [])
      this.#audiences.get(infoHash)?.delete(peer);
  }

  #open(infoHash: InfoHash): void {
    if (this.isOpen(infoHash)) return;
    const audience = new RandomPool<Peer>();
    for (const peer of this.#peers.pool.items) if (peer.wants(infoHash)) audience.add(peer);
    this.#audiences.set(infoHash, audience);
    this.#digests.open(infoHash);
  }

  #close(infoHash: InfoHash): void {
    if (this.#wanted.has(infoHash)) return;
    this.#audiences.delete(infoHash);
    this.#digests.close(infoHash);
    this.#closed(infoHash);
  }
}

import { MAX_GOSSIP_INDEXES_PER_PEER_CROWDED } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Context } from './context.ts';
import type { Digests } from './digests.ts';
import type { Interests } from './interests.ts';
import type { MembershipListener } from './membership.ts';
import type { Peer } from './peer.ts';
import { PeerIndex } from './peer-index.ts';
import { RandomPool } from './random-pool.ts';
import type { Signed } from './signed.ts';

export type AnyIndex = Signed<'index' | 'index end'>;

/** What proven peers say of the contents that we want to hear of. */
export class Indexes implements MembershipListener {
  readonly #context: Context;
  readonly #digests: Digests;
  readonly #interests: Interests;
  readonly #holders = new Map<InfoHash, RandomPool<Peer>>();
  #count = 0;

  constructor(context: Context, digests: Digests, interests: Interests) {
    this.#context = context;
    this.#digests = digests;
    this.#interests = interests;
  }

  /** Statements kept, of all peers. */
  get count(): number {
    return this.#count;
  }

  /** Wanted, not known, and there is room for it. */
  isNews(peer: Peer, signed: AnyIndex): boolean {
    const { infoHash } = signed.statement;
    if (!this.#interests.isOpen(infoHash)) return false;
    const known = peer.indexes?.get(infoHash);
    if (known !== undefined && !known.isNews(signed)) return false;
    return known?.grows(signed) === false || this.#hasRoom(peer);
  }

  adopt(peer: Peer, signed: AnyIndex): void {
    const { infoHash } = signed.statement;
    peer.indexes ??= new Map();
    const index = peer.indexes.get(infoHash) ?? new PeerIndex();
    peer.indexes.set(infoHash, index);
    this.#count -= index.size;
    index.adopt(signed);
    this.#count += index.size;
    const holders = this.#holders.get(infoHash) ?? new RandomPool();
    this.#holders.set(infoHash, holders);
    holders.add(peer);
    this.#digests.content(infoHash)?.set(peer.shortId, index.version);
  }

  /** The content is no longer open. */
  forget(infoHash: InfoHash): void {
    for (const peer of this.#holders.get(infoHash)?.items ?? []) {
      this.#count -= peer.indexes?.get(infoHash)?.size ?? 0;
      peer.indexes?.delete(infoHash);
    }
    this.#holders.delete(infoHash);
  }

  gone(peer: Peer): void {
    for (const [infoHash, index] of peer.indexes ?? []) {
      this.#count -= index.size;
      this.#holders.get(infoHash)?.delete(peer);
      this.#digests.content(infoHash)?.delete(peer.shortId);
    }
    peer.indexes = undefined;
  }

  #hasRoom(peer: Peer): boolean {
    const { indexes, indexesPerPeer } = this.#context.limits;
    if (this.#count >= indexes) return false;
    let ofPeer = 0;
    for (const index of peer.indexes?.values() ?? []) ofPeer += index.size;
    // The second half is for all those who have few.
    const isCrowded = this.#count >= indexes / 2;
    return (
      ofPeer < (isCrowded ? Math.min(indexesPerPeer, MAX_GOSSIP_INDEXES_PER_PEER_CROWDED) : indexesPerPeer)
    );
  }
}

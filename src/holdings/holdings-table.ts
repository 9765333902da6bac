import {
  GONE_HOLD_MS,
  HOLDING_TTL_MS,
  MAX_HOLDINGS,
  MAX_HOLDINGS_PER_PEER,
  MAX_PEERS_KNOWN,
  MAX_PEERS_PER_HOST,
  MAX_PIECE_RANGES,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { matchesName } from '../metainfo/torrent-name.ts';
import type { Word } from './held-content.ts';
import type { Holding, PeerId } from './holding.ts';
import { type Holder, type KnownContent, mostCommonClaim } from './known-content.ts';
import { type HeardAddress, PeerRecord } from './peer-record.ts';
import type { Sighting } from './sighting.ts';

/** What the table has learned, told to its listeners as it happens. */
export type TableChange =
  | { readonly kind: 'appeared'; readonly holder: Holder }
  /** A newer version, or a further address. */
  | { readonly kind: 'updated'; readonly holder: Holder }
  | { readonly kind: 'gone'; readonly peerId: PeerId; readonly infoHash: InfoHash };

export interface TableLimits {
  readonly holdings: number;
  readonly holdingsPerPeer: number;
  readonly peers: number;
  readonly peersPerHost: number;
  /** Piece ranges of all holdings together. */
  readonly ranges: number;
}

const DEFAULT_LIMITS: TableLimits = {
  holdings: MAX_HOLDINGS,
  holdingsPerPeer: MAX_HOLDINGS_PER_PEER,
  peers: MAX_PEERS_KNOWN,
  peersPerHost: MAX_PEERS_PER_HOST,
  ranges: MAX_PIECE_RANGES,
};

export interface NamedContent extends KnownContent {
  /** Asked for by its name, or by the name of its .torrent. */
  readonly match: 'exact' | 'torrent';
}

/**
 * The one place for who holds what, whichever way it was heard. Per peer and content the newest version
 * wins. Pure: time (milliseconds of one clock) is handed in, and nothing ends before `expire` is called.
 */
export class HoldingsTable {
  readonly #ownPeerId: PeerId;
  readonly #limits: TableLimits;
  /** In the order they were last heard. */
  readonly #peers = new Map<PeerId, PeerRecord>();
  /** Who holds of a content, and how many ranges are kept of it. */
  readonly #holders = new Map<InfoHash, Map<PeerId, number>>();
  readonly #peersOfHost = new Map<string, Set<PeerId>>();
  /** Peers that said goodbye, and until when a datagram overtaken on the way is not believed. */
  readonly #gone = new Map<PeerId, number>();
  readonly #listeners = new Set<(change: TableChange) => void>();
  #holdingCount = 0;
  #rangeCount = 0;

  constructor(ownPeerId: PeerId, limits: Partial<TableLimits> = {}) {
    this.#ownPeerId = ownPeerId;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  get holdingCount(): number {
    return this.#holdingCount;
  }

  /** Takes what a discovery heard; our own records, heard back, are ignored. */
  observe(sighting: Sighting, now: number): void {
    switch (sighting.kind) {
      case 'holding':
        this.#hear(sighting, now);
        break;
      case 'withdrawn':
        this.#withdraw(sighting, now);
        break;
      case 'gone':
        this.#leave(sighting, now);
        break;
      case 'alive':
        this.#answered(sighting, now);
        break;
      case 'given up':
        this.#giveUp(sighting);
        break;
      case 'located':
        // Without a peer's name there is nothing to keep; whoever fetches the content tries the address.
        break;
    }
  }

  /** Ends what was not heard again in its lifetime. To be called about once a second. */
  expire(now: number): void {
    for (const peer of this.#peers.values()) {
      if (peer.nextExpiry > now) continue;
      for (const infoHash of peer.expire(now)) this.#ended(peer, infoHash);
      this.#dropIfEmpty(peer);
    }
    for (const [peerId, until] of this.#gone) if (until <= now) this.#gone.delete(peerId);
  }

  /** Calls `listener` on every change, during `observe` and `expire`, until the returned function is called. */
  onChange(listener: (change: TableChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  holdersOf(infoHash: InfoHash): readonly Holder[] {
    const peerIds = this.#holders.get(infoHash)?.keys() ?? [];
    return [...peerIds].flatMap((peerId) => this.#holder(peerId, infoHash) ?? []);
  }

  /** The one heard last stands first; none for a peer that is not known. */
  addressesOf(peerId: PeerId): readonly HeardAddress[] {
    return this.#peers.get(peerId)?.addresses() ?? [];
  }

  content(infoHash: InfoHash): KnownContent | undefined {
    const claim = mostCommonClaim(this.#claims(infoHash));
    if (claim === undefined) return undefined;
    const { name, length, pieceCount } = claim;
    return { infoHash, name, length, pieceCount, holders: this.holdersOf(infoHash) };
  }

  contents(): readonly KnownContent[] {
    return [...this.#holders.keys()].flatMap((infoHash) => this.content(infoHash) ?? []);
  }

  /** Contents that somebody who asks for `asked` may mean. Several are never mixed. */
  named(asked: string): readonly NamedContent[] {
    return [...this.#holders.keys()].flatMap((infoHash) => this.#ifNamed(asked, infoHash) ?? []);
  }

  #ifNamed(asked: string, infoHash: InfoHash): NamedContent | undefined {
    const name = mostCommonClaim(this.#claims(infoHash))?.name;
    const match = name === undefined ? undefined : matchesName(asked, name);
    const content = match === undefined ? undefined : this.content(infoHash);
    return match === undefined || content === undefined ? undefined : { ...content, match };
  }

  *#claims(infoHash: InfoHash): Generator<Holding> {
    for (const peerId of this.#holders.get(infoHash)?.keys() ?? []) {
      const holding = this.#peers.get(peerId)?.holding(infoHash);
      if (holding !== undefined) yield holding;
    }
  }

  #hear(sighting: Extract<Sighting, { kind: 'holding' }>, now: number): void {
    const { holding, host, path, lifetimeMs = HOLDING_TTL_MS } = sighting;
    const { peerId, infoHash } = holding;
    if (peerId === this.#ownPeerId || this.#isGone(peerId, now)) return;

    const peer = this.#peers.get(peerId) ?? new PeerRecord(peerId, host);
    const merge = peer.hear(this.#withinRoom({ holding, host, path, lifetimeMs }), now);
    if (merge === 'stale') return;
    this.#keepAsNewest(peer);
    if (merge === 'appeared') this.#appeared(peer, infoHash);
    this.#countRanges(peer, infoHash);
    if (merge === 'refreshed') return;
    this.#tellOf(merge, peerId, infoHash);
  }

  /** Beyond what may be kept of everybody's ranges, it is known only how many pieces somebody holds. */
  #withinRoom(word: Word): Word {
    const { holding } = word;
    const { pieces, infoHash, peerId } = holding;
    const others = this.#rangeCount - (this.#holders.get(infoHash)?.get(peerId) ?? 0);
    if (pieces.kind === 'all' || others + pieces.ranges.length <= this.#limits.ranges) return word;
    return { ...word, holding: { ...holding, pieces: { ...pieces, ranges: [], more: true } } };
  }

  #countRanges({ peerId }: PeerRecord, infoHash: InfoHash): void {
    const holders = this.#holders.get(infoHash);
    const before = holders?.get(peerId);
    const pieces = this.#peers.get(peerId)?.holding(infoHash)?.pieces;
    if (holders === undefined || before === undefined || pieces === undefined) return;
    const kept = pieces.kind === 'all' ? 0 : pieces.ranges.length;
    holders.set(peerId, kept);
    this.#rangeCount += kept - before;
  }

  #withdraw(sighting: Extract<Sighting, { kind: 'withdrawn' }>, now: number): void {
    const { peerId, infoHash, version, host, path } = sighting;
    const peer = this.#peers.get(peerId);
    if (peer === undefined || (path !== 'gossip' && !peer.isHeardAt(host, now))) return;
    if (!peer.withdraw(infoHash, version, path, now, now + GONE_HOLD_MS)) return;
    this.#ended(peer, infoHash);
  }

  #leave({ peerId, host }: Extract<Sighting, { kind: 'gone' }>, now: number): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined || (host !== undefined && !peer.isHeardAt(host, now))) return;
    this.#gone.set(peerId, now + GONE_HOLD_MS);
    dropOldest(this.#gone, this.#limits.peers);
    this.#drop(peer);
  }

  #answered(sighting: Extract<Sighting, { kind: 'alive' }>, now: number): void {
    const { peerId, host, port, path, lifetimeMs } = sighting;
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    const isNew = peer.answered({ host, port }, path, now, now + lifetimeMs);
    this.#keepAsNewest(peer);
    if (isNew) for (const infoHash of peer.contents()) this.#tellOf('updated', peerId, infoHash);
  }

  #giveUp({ peerId, holds }: Extract<Sighting, { kind: 'given up' }>): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    for (const infoHash of [...peer.contents()])
      if (!holds(infoHash) && peer.forget(infoHash)) this.#ended(peer, infoHash);
  }

  #isGone(peerId: PeerId, now: number): boolean {
    return (this.#gone.get(peerId) ?? 0) > now;
  }

  #holder(peerId: PeerId, infoHash: InfoHash): Holder | undefined {
    const peer = this.#peers.get(peerId);
    const holding = peer?.holding(infoHash);
    return peer === undefined || holding === undefined
      ? undefined
      : { peerId, holding, addresses: peer.addresses() };
  }

  #keepAsNewest(peer: PeerRecord): void {
    if (!this.#peers.delete(peer.peerId)) this.#addToHost(peer);
    this.#peers.set(peer.peerId, peer);
    if (this.#peers.size > this.#limits.peers) this.#dropOldestPeer();
  }

  #addToHost(peer: PeerRecord): void {
    const ofHost = this.#peersOfHost.get(peer.firstHost) ?? new Set();
    this.#peersOfHost.set(peer.firstHost, ofHost);
    ofHost.add(peer.peerId);
    if (ofHost.size <= this.#limits.peersPerHost) return;
    const [first] = ofHost;
    const oldest = first === undefined ? undefined : this.#peers.get(first);
    if (oldest !== undefined) this.#drop(oldest);
  }

  #appeared(peer: PeerRecord, infoHash: InfoHash): void {
    const holders = this.#holders.get(infoHash) ?? new Map<PeerId, number>();
    this.#holders.set(infoHash, holders);
    holders.set(peer.peerId, 0);
    this.#holdingCount++;
    if (peer.holdingCount > this.#limits.holdingsPerPeer) this.#forgetOldestContent(peer);
    if (this.#holdingCount > this.#limits.holdings) this.#dropOldestPeer();
  }

  #forgetOldestContent(peer: PeerRecord): void {
    const oldest = peer.oldestContent();
    if (oldest !== undefined && peer.forget(oldest)) this.#ended(peer, oldest);
  }

  #dropOldestPeer(): void {
    const [oldest] = this.#peers.values();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(peer: PeerRecord): void {
    for (const infoHash of [...peer.contents()]) {
      peer.forget(infoHash);
      this.#ended(peer, infoHash);
    }
    this.#dropIfEmpty(peer);
  }

  #dropIfEmpty(peer: PeerRecord): void {
    if (peer.holdingCount > 0) return;
    this.#peers.delete(peer.peerId);
    const ofHost = this.#peersOfHost.get(peer.firstHost);
    ofHost?.delete(peer.peerId);
    if (ofHost?.size === 0) this.#peersOfHost.delete(peer.firstHost);
  }

  #ended({ peerId }: PeerRecord, infoHash: InfoHash): void {
    const holders = this.#holders.get(infoHash);
    const ranges = holders?.get(peerId);
    if (holders === undefined || ranges === undefined) return;
    holders.delete(peerId);
    this.#rangeCount -= ranges;
    if (holders.size === 0) this.#holders.delete(infoHash);
    this.#holdingCount--;
    this.#tell({ kind: 'gone', peerId, infoHash });
  }

  #tellOf(kind: 'appeared' | 'updated', peerId: PeerId, infoHash: InfoHash): void {
    const holder = this.#holder(peerId, infoHash);
    if (holder !== undefined) this.#tell({ kind, holder });
  }

  #tell(change: TableChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function dropOldest<K>(map: Map<K, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

import {
  GONE_HOLD_MS,
  HOLDING_TTL_MS,
  MAX_HOLDINGS,
  MAX_HOLDINGS_PER_PEER,
  MAX_PEERS_KNOWN,
  MAX_PEERS_PER_HOST,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { matchesName } from '../metainfo/torrent-name.ts';
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
}

const DEFAULT_LIMITS: TableLimits = {
  holdings: MAX_HOLDINGS,
  holdingsPerPeer: MAX_HOLDINGS_PER_PEER,
  peers: MAX_PEERS_KNOWN,
  peersPerHost: MAX_PEERS_PER_HOST,
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
  readonly #holders = new Map<InfoHash, Set<PeerId>>();
  readonly #peersOfHost = new Map<string, Set<PeerId>>();
  /** Peers that said goodbye, and until when a datagram overtaken on the way is not believed. */
  readonly #gone = new Map<PeerId, number>();
  readonly #listeners = new Set<(change: TableChange) => void>();
  #holdingCount = 0;

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
    const peerIds = this.#holders.get(infoHash) ?? [];
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
    for (const peerId of this.#holders.get(infoHash) ?? []) {
      const holding = this.#peers.get(peerId)?.holding(infoHash);
      if (holding !== undefined) yield holding;
    }
  }

  #hear(sighting: Extract<Sighting, { kind: 'holding' }>, now: number): void {
    const { holding, host, path, lifetimeMs = HOLDING_TTL_MS } = sighting;
    const { peerId, infoHash } = holding;
    if (peerId === this.#ownPeerId || this.#isGone(peerId, now)) return;

    const peer = this.#peers.get(peerId) ?? new PeerRecord(peerId, host);
    const merge = peer.hear({ holding, host, path, lifetimeMs }, now);
    if (merge === 'stale') return;
    this.#keepAsNewest(peer);
    if (merge === 'appeared') this.#appeared(peer, infoHash);
    if (merge === 'refreshed') return;
    const holder = this.#holder(peerId, infoHash);
    if (holder !== undefined) this.#tell({ kind: merge, holder });
  }

  #withdraw(sighting: Extract<Sighting, { kind: 'withdrawn' }>, now: number): void {
    const { peerId, infoHash, version, host } = sighting;
    const peer = this.#peers.get(peerId);
    if (peer === undefined || !peer.wasHeardFrom(host)) return;
    if (!peer.withdraw(infoHash, version, now, now + GONE_HOLD_MS)) return;
    this.#ended(peer, infoHash);
  }

  #leave({ peerId, host }: Extract<Sighting, { kind: 'gone' }>, now: number): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined || (host !== undefined && !peer.wasHeardFrom(host))) return;
    this.#gone.set(peerId, now + GONE_HOLD_MS);
    dropOldest(this.#gone, this.#limits.peers);
    this.#drop(peer);
  }

  #answered({ peerId, host, path, lifetimeMs }: Extract<Sighting, { kind: 'alive' }>, now: number): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    peer.answered(host, path, now, now + lifetimeMs);
    this.#keepAsNewest(peer);
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
    const holders = this.#holders.get(infoHash) ?? new Set();
    this.#holders.set(infoHash, holders);
    holders.add(peer.peerId);
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
    if (holders?.delete(peerId) !== true) return;
    if (holders.size === 0) this.#holders.delete(infoHash);
    this.#holdingCount--;
    this.#tell({ kind: 'gone', peerId, infoHash });
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

import {
  COMPLETED_KEPT_SECONDS,
  MAX_CONTENTS_BEGUN_PER_HOST,
  MAX_PEERS_PER_CONTENT,
  MAX_TRACKED_CONTENTS,
  MAX_TRACKED_PEERS,
  SAVE_AGAIN_INTERVAL_RATIO,
} from '../../limits.ts';
import type { Random } from '../../platform/random.ts';
import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import { HalfSipHash } from '../half-sip-hash.ts';
import type { StoreBatch } from '../store/peer-store.ts';
import type { Announcement } from './announcement.ts';
import { BegunContents } from './begun-contents.ts';
import { peerLifetimeSeconds } from './lifetime.ts';
import { NOWHERE, type PeerPlace } from './peer-index.ts';
import type { PeerTable, PutOutcome } from './peer-table.ts';
import { readContentRows, readPeerRows } from './read-rows.ts';
import type { Swarm } from './swarm.ts';
import { Swarms } from './swarms.ts';
import { sweepSwarm } from './sweep-swarm.ts';
import { Unsaved } from './unsaved.ts';

export interface RegistryLimits {
  /** Of one address family. */
  readonly peersPerContent: number;
  readonly contents: number;
  /** That one host may be the first to announce, while a peer is remembered. */
  readonly contentsPerHost: number;
  readonly peers: number;
}

export interface RegistryOptions {
  readonly random: Random;
  /** What peers are told to wait between two announcements. */
  readonly intervalSeconds: number;
  /** Whether a content is tracked; asked when the first peer announces it. Default: every one is. */
  readonly tracks?: (infoHash: Uint32Array) => boolean;
  /**
   * Whether a peer at this address may be handed out; asked about those that are merged, as who announces was asked
   * about before. Default: every one may.
   */
  readonly serves?: (address: Uint32Array, family: AddressFamily) => boolean;
  /** Whether changes are kept for `takeUnsaved`. Default: not. */
  readonly saves?: boolean;
  readonly limits?: RegistryLimits;
}

/** Why an announcement is not taken. */
export type Refusal = 'not tracked' | 'too many contents';

const LIMITS: RegistryLimits = {
  peersPerContent: MAX_PEERS_PER_CONTENT,
  contents: MAX_TRACKED_CONTENTS,
  contentsPerHost: MAX_CONTENTS_BEGUN_PER_HOST,
  peers: MAX_TRACKED_PEERS,
};

/**
 * Who announces what: the whole state of a tracker. Times are Unix seconds, handed in, that never go back.
 *
 * Beyond its limits nobody is pushed out: a new content is refused; a new peer of a known one is given peers, as
 * everybody, but is not listed. So a flood costs those who come during it their place in others' lists, not those who
 * are there theirs, and what it brought is gone when its peers expire.
 */
export class Registry {
  readonly swarms: Swarms;
  readonly #options: RegistryOptions;
  readonly #limits: RegistryLimits;
  readonly #hash: HalfSipHash;
  readonly #begun: BegunContents;
  readonly #unsaved: Unsaved | undefined;
  readonly #lifetimeSeconds: number;
  readonly #sweep = { swarm: 0, slot: 0 };
  #peers = 0;
  #seeders = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#limits = options.limits ?? LIMITS;
    this.#hash = new HalfSipHash(options.random.bytes(8), '1-3');
    this.swarms = new Swarms(this.#hash);
    const { intervalSeconds } = options;
    this.#lifetimeSeconds = peerLifetimeSeconds(intervalSeconds);
    this.#begun = new BegunContents({
      hash: this.#hash,
      mostPerHost: this.#limits.contentsPerHost,
      periodSeconds: this.#lifetimeSeconds,
    });
    if (options.saves === true) this.#unsaved = new Unsaved(intervalSeconds * SAVE_AGAIN_INTERVAL_RATIO);
  }

  /** Of all contents and both families. */
  get peers(): number {
    return this.#peers;
  }

  get seeders(): number {
    return this.#seeders;
  }

  /**
   * Takes an announcement. Gives the content's swarm as it is then, for counts and peers; undefined where there is
   * none, because the last of it said goodbye.
   */
  announce(announcement: Announcement, nowSeconds: number): Swarm | undefined | Refusal {
    const known = this.swarms.find(announcement.infoHash);
    if (announcement.event === 'stopped') return this.#stopped(announcement, known, nowSeconds);
    const swarm = known ?? this.#begin(announcement, nowSeconds);
    if (typeof swarm === 'string') return swarm;
    const table = swarm.table(announcement.family);
    const outcome = this.#put(announcement, table, nowSeconds);
    if (outcome === 'full') return swarm;
    if (announcement.event === 'completed' && (outcome === 'added' || outcome === 'now seeder'))
      this.#completed(swarm);
    this.#unsaved?.announced(swarm, table.list(table.place), table.place >> 1);
    return swarm;
  }

  find(infoHash: Uint32Array): Swarm | undefined {
    return this.swarms.find(infoHash);
  }

  /**
   * Forgets peers that were not heard for too long and contents that are empty, where it left off last time: looks at
   * `mostPeers` peers, and at all contents once at most.
   */
  sweep(nowSeconds: number, mostPeers: number): void {
    let left = mostPeers;
    for (let visited = this.swarms.count; visited > 0 && left > 0; visited--) {
      if (this.#sweep.swarm >= this.swarms.count) this.#sweep.swarm = 0;
      const swarm = this.swarms.at(this.#sweep.swarm);
      if (swarm === undefined) return;
      const { peers, seeders, looked, next } = sweepSwarm(swarm, this.#sweep.slot, left, (seenAt) =>
        this.#isExpired(seenAt, nowSeconds),
      );
      this.#peers -= peers;
      this.#seeders -= seeders;
      if (peers > 0 && isEmpty(swarm)) swarm.emptySinceSeconds = nowSeconds;
      // An empty content costs something, too.
      left -= looked + 1;
      this.#sweep.slot = next ?? 0;
      if (next !== undefined) continue;
      if (this.#isForgotten(swarm, nowSeconds)) this.#forget(swarm);
      else this.#sweep.swarm++;
    }
  }

  /** Forgets contents that are no longer tracked. */
  forgetUntracked(): void {
    for (const swarm of [...this.swarms]) {
      if (this.#tracks(swarm.infoHash)) continue;
      this.#peers -= swarm.seeders + swarm.leechers;
      this.#seeders -= swarm.seeders;
      this.#forget(swarm);
    }
  }

  /**
   * Changes that `takeUnsaved` has not given yet, at most `mostRows` peers and as many contents; they count as saved.
   * Peers that expire are not among them: a store tells them by their `seen at`.
   */
  takeUnsaved(mostRows: number): StoreBatch {
    return this.#unsaved?.take(mostRows) ?? { peers: new Uint8Array(0), contents: new Uint8Array(0) };
  }

  /** How many rows `takeUnsaved` has to give. */
  get unsaved(): number {
    return this.#unsaved?.count ?? 0;
  }

  /** All that is known is to be saved again: the store has lost it. */
  saveAll(): void {
    this.#unsaved?.saveAll(this.swarms);
  }

  /**
   * Peers that an earlier process or another tracker knows, as far as they may be handed out here: either may have had
   * other rules. Who was heard here later is not changed.
   */
  merge({ peers, contents }: StoreBatch, nowSeconds: number): void {
    for (const { peer, isGone, seenAt } of readPeerRows(peers)) {
      if (this.#isExpired(seenAt, nowSeconds)) continue;
      const seconds = Math.min(seenAt, nowSeconds);
      if (isGone) this.#goneElsewhere(peer, seconds, nowSeconds);
      else if (this.#serves(peer)) this.#seenElsewhere(peer, seconds);
    }
    for (const { infoHash, completed } of readContentRows(contents)) {
      const swarm = this.swarms.find(infoHash) ?? this.#newSwarm(infoHash);
      if (typeof swarm === 'string') continue;
      if (isEmpty(swarm)) swarm.emptySinceSeconds = nowSeconds;
      swarm.completed = Math.max(swarm.completed, completed);
    }
  }

  #seenElsewhere(peer: Announcement, seenAt: number): void {
    const swarm = this.swarms.find(peer.infoHash) ?? this.#newSwarm(peer.infoHash);
    if (typeof swarm === 'string') return;
    const table = swarm.table(peer.family);
    const place = table.find(peer);
    if (place !== NOWHERE && table.list(place).seenAt(place >> 1) >= seenAt) return;
    if (this.#put(peer, table, seenAt) === 'full') return;
    table.list(table.place).setSavedAt(table.place >> 1, seenAt);
  }

  #goneElsewhere(peer: Announcement, seenAt: number, nowSeconds: number): void {
    const swarm = this.swarms.find(peer.infoHash);
    if (swarm === undefined) return;
    const table = swarm.table(peer.family);
    const place = table.find(peer);
    if (place === NOWHERE || table.list(place).seenAt(place >> 1) > seenAt) return;
    if (table.list(place).hasId(place >> 1, peer.peerId)) this.#remove(swarm, table, place, nowSeconds);
  }

  #stopped(peer: Announcement, swarm: Swarm | undefined, nowSeconds: number): Swarm | undefined {
    if (swarm === undefined) return undefined;
    const table = swarm.table(peer.family);
    const place = table.find(peer);
    // A goodbye that was overtaken by another program at the same port is not its goodbye.
    if (place === NOWHERE || !table.list(place).hasId(place >> 1, peer.peerId)) return swarm;
    this.#remove(swarm, table, place, nowSeconds);
    this.#unsaved?.saidGoodbye(peer, nowSeconds);
    return swarm;
  }

  #remove(swarm: Swarm, table: PeerTable, place: PeerPlace, nowSeconds: number): void {
    this.#peers--;
    if (table.list(place) === table.seeders) this.#seeders--;
    table.removeAt(place);
    if (!isEmpty(swarm)) return;
    swarm.emptySinceSeconds = nowSeconds;
    if (this.#isForgotten(swarm, nowSeconds)) this.#forget(swarm);
  }

  #forget(swarm: Swarm): void {
    this.swarms.remove(swarm);
    this.#unsaved?.forgot(swarm);
  }

  #put(peer: Announcement, table: PeerTable, seenAt: number): PutOutcome {
    const room = this.#peers < this.#limits.peers && table.count < this.#limits.peersPerContent;
    const outcome = table.put(peer, peer.isSeeder, seenAt, room);
    if (outcome === 'added') {
      this.#peers++;
      if (peer.isSeeder) this.#seeders++;
    } else if (outcome === 'now seeder') this.#seeders++;
    else if (outcome === 'now leecher') this.#seeders--;
    return outcome;
  }

  #completed(swarm: Swarm): void {
    swarm.completed++;
    this.#unsaved?.completed(swarm);
  }

  #begin(announcement: Announcement, nowSeconds: number): Swarm | Refusal {
    const refusal = this.#refusal(announcement.infoHash);
    if (refusal !== undefined) return refusal;
    if (!this.#begun.begin(announcement, nowSeconds)) return 'too many contents';
    return this.swarms.add(announcement.infoHash);
  }

  #newSwarm(infoHash: Uint32Array): Swarm | Refusal {
    return this.#refusal(infoHash) ?? this.swarms.add(infoHash);
  }

  #refusal(infoHash: Uint32Array): Refusal | undefined {
    if (!this.#tracks(infoHash)) return 'not tracked';
    return this.swarms.count >= this.#limits.contents ? 'too many contents' : undefined;
  }

  #tracks(infoHash: Uint32Array): boolean {
    return this.#options.tracks?.(infoHash) ?? true;
  }

  #serves({ address, family }: Announcement): boolean {
    return this.#options.serves?.(address, family) ?? true;
  }

  #isExpired(seenAt: number, nowSeconds: number): boolean {
    return nowSeconds - seenAt > this.#lifetimeSeconds;
  }

  /** How often an empty content was completed is kept for a while, unless the room is needed. */
  #isForgotten(swarm: Swarm, nowSeconds: number): boolean {
    if (!isEmpty(swarm)) return false;
    if (swarm.completed === 0 || this.swarms.count > this.#limits.contents / 2) return true;
    return nowSeconds - swarm.emptySinceSeconds > COMPLETED_KEPT_SECONDS;
  }
}

function isEmpty(swarm: Swarm): boolean {
  return swarm.seeders === 0 && swarm.leechers === 0;
}

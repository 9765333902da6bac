import { MAX_ADDRESSES_PER_PEER } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import { type Count, countOf, type Hearing, HeldContent, type Word } from './held-content.ts';
import type { Holding, PeerId } from './holding.ts';
import type { DiscoveryPath } from './sighting.ts';

/** One address of a peer, as it was heard. */
export interface HeardAddress {
  readonly endpoint: Endpoint;
  readonly path: DiscoveryPath;
  /** The clock's milliseconds. */
  readonly lastHeard: number;
}

/** What a word changed. `stale`: an older version than the one known, or one that was withdrawn. */
export type Merge = 'appeared' | 'updated' | 'refreshed' | 'stale';

interface Tombstone extends Hearing {
  readonly versions: ReadonlyMap<Count, number>;
}

/** Everything known of one peer: what it holds and where it was heard. Time is handed in. */
export class PeerRecord {
  readonly peerId: PeerId;
  /** The address it was first heard from. */
  readonly firstHost: string;
  /** In the order they were last heard. */
  readonly #contents = new Map<InfoHash, HeldContent>();
  readonly #addresses = new Map<string, HeardAddress & Hearing>();
  readonly #tombstones = new Map<InfoHash, Tombstone>();
  #nextExpiry = Number.POSITIVE_INFINITY;
  /** Until then it is known to be there, whatever else is silent. */
  #aliveUntil = Number.NEGATIVE_INFINITY;

  constructor(peerId: PeerId, firstHost: string) {
    this.peerId = peerId;
    this.firstHost = firstHost;
  }

  get holdingCount(): number {
    return this.#contents.size;
  }

  /** Nothing of this peer ends before. */
  get nextExpiry(): number {
    return this.#nextExpiry;
  }

  holding(infoHash: InfoHash): Holding | undefined {
    return this.#contents.get(infoHash)?.word.holding;
  }

  contents(): Iterable<InfoHash> {
    return this.#contents.keys();
  }

  /** The content that was not heard of for the longest time. */
  oldestContent(): InfoHash | undefined {
    return this.#contents.keys().next().value;
  }

  /** The one heard last stands first. */
  addresses(): readonly HeardAddress[] {
    return [...this.#addresses.values()]
      .map(({ endpoint, path, lastHeard }) => ({ endpoint, path, lastHeard }))
      .sort((a, b) => b.lastHeard - a.lastHeard);
  }

  /** Whether what comes from `host` in its name is believed: where it answers, or was heard if it answers nowhere. */
  isHeardAt(host: string, now: number): boolean {
    if (now < this.#aliveUntil) return this.#answersAt(host);
    for (const { endpoint } of this.#addresses.values()) if (endpoint.host === host) return true;
    return false;
  }

  hear(word: Word, now: number): Merge {
    const { holding, host, path, lifetimeMs } = word;
    const { infoHash } = holding;
    const tombstone = this.#tombstones.get(infoHash);
    const voided = tombstone?.versions.get(countOf(path)) ?? -1;
    if (tombstone !== undefined && tombstone.expiresAt > now && holding.version <= voided) return 'stale';

    const known = this.#contents.get(infoHash);
    const isCorrection = known !== undefined && this.#isDoubtful(known.word, now);
    const isDoubtful = this.#isDoubtful(word, now);
    if (!isCorrection && known?.isStale(word) === true) return 'stale';

    const hearing: Hearing = { at: now, expiresAt: now + lifetimeMs };
    this.#nextExpiry = Math.min(this.#nextExpiry, hearing.expiresAt);
    const newAddress = this.#hearAddress({ host, port: holding.port }, path, hearing);
    if (known === undefined) {
      this.#contents.set(infoHash, new HeldContent(word, hearing));
      return 'appeared';
    }
    this.#contents.delete(infoHash);
    this.#contents.set(infoHash, known);
    if (isDoubtful && !isCorrection) return newAddress ? 'updated' : 'refreshed';
    if (isCorrection && !isDoubtful) {
      known.correct(word, hearing);
      return 'updated';
    }
    return known.take(word, hearing) || newAddress ? 'updated' : 'refreshed';
  }

  /**
   * It answered at this address. What it said holds on until `until`, if it does not take it back. Returns whether the
   * address is new.
   */
  answered(endpoint: Endpoint, path: DiscoveryPath, now: number, until: number): boolean {
    this.#aliveUntil = Math.max(this.#aliveUntil, until);
    this.#nextExpiry = Math.min(this.#nextExpiry, until);
    return this.#hearAddress(endpoint, path, { at: now, expiresAt: until });
  }

  /** Returns whether something was there to remove. Versions up to `version` stay away until `until`. */
  withdraw(infoHash: InfoHash, version: number, path: DiscoveryPath, now: number, until: number): boolean {
    const known = this.#contents.get(infoHash);
    const count = countOf(path);
    if (known === undefined || (known.versions.get(count) ?? -1) > version) return false;
    const versions = new Map(known.versions).set(count, version);
    this.#tombstones.set(infoHash, { versions, at: now, expiresAt: until });
    this.#nextExpiry = Math.min(this.#nextExpiry, until);
    return this.forget(infoHash);
  }

  forget(infoHash: InfoHash): boolean {
    return this.#contents.delete(infoHash);
  }

  /** Ends what has not been heard again; returns the contents that are no longer held as far as we know. */
  expire(now: number): readonly InfoHash[] {
    if (now < this.#nextExpiry) return [];
    const ended: InfoHash[] = [];
    if (now >= this.#aliveUntil) {
      for (const [infoHash, { heard }] of this.#contents) if (!isAlive(heard, now)) ended.push(infoHash);
    }
    for (const infoHash of ended) this.#contents.delete(infoHash);
    dropEnded(this.#addresses, now);
    dropEnded(this.#tombstones, now);
    this.#nextExpiry = this.#earliestEnd(now);
    return ended;
  }

  /** Gossip has proven the peer elsewhere, and this came from where it does not answer. */
  #isDoubtful({ host, path }: Word, now: number): boolean {
    return path !== 'gossip' && now < this.#aliveUntil && !this.#answersAt(host);
  }

  #answersAt(host: string): boolean {
    for (const { endpoint, path } of this.#addresses.values())
      if (path === 'gossip' && endpoint.host === host) return true;
    return false;
  }

  #hearAddress(endpoint: Endpoint, path: DiscoveryPath, hearing: Hearing): boolean {
    const key = `${path} ${endpoint.host} ${endpoint.port}`;
    const known = this.#addresses.delete(key);
    this.#addresses.set(key, { endpoint, path, lastHeard: hearing.at, ...hearing });
    if (this.#addresses.size > MAX_ADDRESSES_PER_PEER) this.#forgetAnAddress();
    return !known;
  }

  /** The one heard longest ago; where the peer answers, only if there are no others. */
  #forgetAnAddress(): void {
    const [oldest] = this.#addresses.keys();
    for (const [key, { path }] of this.#addresses)
      if (path !== 'gossip') {
        this.#addresses.delete(key);
        return;
      }
    if (oldest !== undefined) this.#addresses.delete(oldest);
  }

  #earliestEnd(now: number): number {
    let earliest = this.#aliveUntil > now ? this.#aliveUntil : Number.POSITIVE_INFINITY;
    const consider = ({ expiresAt }: Hearing): void => {
      if (expiresAt > now && expiresAt < earliest) earliest = expiresAt;
    };
    for (const { heard } of this.#contents.values()) for (const hearing of heard) consider(hearing);
    for (const address of this.#addresses.values()) consider(address);
    for (const tombstone of this.#tombstones.values()) consider(tombstone);
    return earliest;
  }
}

/**
 * Silence on a path that used to speak is news of its own: a peer whose beacon has ended is gone, although
 * its mDNS record would live on for minutes. So another path counts only when it was heard well into that
 * silence: in its second half, or later.
 */
function isAlive(heard: Iterable<Hearing>, now: number): boolean {
  let silence = Number.NEGATIVE_INFINITY;
  let lastWord = Number.NEGATIVE_INFINITY;
  for (const { at, expiresAt } of heard) {
    if (expiresAt > now) lastWord = Math.max(lastWord, at);
    else silence = Math.max(silence, (at + expiresAt) / 2);
  }
  return lastWord > silence;
}

function dropEnded<K>(map: Map<K, Hearing>, now: number): void {
  for (const [key, { expiresAt }] of map) if (expiresAt <= now) map.delete(key);
}

import { MAX_ADDRESSES_PER_PEER } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Holding, PeerId, PieceSummary } from './holding.ts';
import type { DiscoveryPath } from './sighting.ts';

/** One address of a peer, as it was heard. */
export interface HeardAddress {
  readonly endpoint: Endpoint;
  readonly path: DiscoveryPath;
  /** The clock's milliseconds. */
  readonly lastHeard: number;
}

/** A word of a peer about one content, and how it came. */
export interface Word {
  readonly holding: Holding;
  readonly host: string;
  readonly path: DiscoveryPath;
  readonly lifetimeMs: number;
}

/** What a word changed. `stale`: an older version than the one known, or one that was withdrawn. */
export type Merge = 'appeared' | 'updated' | 'refreshed' | 'stale';

interface Hearing {
  readonly at: number;
  readonly expiresAt: number;
}

interface HeldContent {
  holding: Holding;
  readonly heard: Map<DiscoveryPath, Hearing>;
}

interface Tombstone extends Hearing {
  readonly version: number;
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
    return this.#contents.get(infoHash)?.holding;
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

  wasHeardFrom(host: string): boolean {
    for (const { endpoint } of this.#addresses.values()) if (endpoint.host === host) return true;
    return false;
  }

  hear({ holding, host, path, lifetimeMs }: Word, now: number): Merge {
    const { infoHash } = holding;
    const tombstone = this.#tombstones.get(infoHash);
    if (tombstone !== undefined && tombstone.expiresAt > now && holding.version <= tombstone.version)
      return 'stale';

    const known = this.#contents.get(infoHash);
    if (known !== undefined && holding.version < known.holding.version) return 'stale';

    const hearing: Hearing = { at: now, expiresAt: now + lifetimeMs };
    this.#nextExpiry = Math.min(this.#nextExpiry, hearing.expiresAt);
    const newAddress = this.#hearAddress({ host, port: holding.port }, path, hearing);
    const content = known ?? { holding, heard: new Map() };
    content.heard.set(path, hearing);
    this.#contents.delete(infoHash);
    this.#contents.set(infoHash, content);

    if (known === undefined) return 'appeared';
    const replaced = isNews(known.holding, holding);
    if (replaced) content.holding = holding;
    return replaced || newAddress ? 'updated' : 'refreshed';
  }

  /** It answered at `host`. What it said holds on until `until`, if it does not take it back. */
  answered(host: string, path: DiscoveryPath, now: number, until: number): void {
    this.#aliveUntil = Math.max(this.#aliveUntil, until);
    for (const { endpoint } of [...this.#addresses.values()])
      if (endpoint.host === host) this.#hearAddress(endpoint, path, { at: now, expiresAt: until });
  }

  /** Returns whether something was there to remove. Versions up to `version` stay away until `until`. */
  withdraw(infoHash: InfoHash, version: number, now: number, until: number): boolean {
    const known = this.#contents.get(infoHash);
    if (known === undefined || known.holding.version > version) return false;
    this.#tombstones.set(infoHash, { version, at: now, expiresAt: until });
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
      for (const [infoHash, { heard }] of this.#contents)
        if (!isAlive(heard.values(), now)) ended.push(infoHash);
    }
    for (const infoHash of ended) this.#contents.delete(infoHash);
    dropEnded(this.#addresses, now);
    dropEnded(this.#tombstones, now);
    this.#nextExpiry = this.#earliestEnd(now);
    return ended;
  }

  #hearAddress(endpoint: Endpoint, path: DiscoveryPath, hearing: Hearing): boolean {
    const key = `${path} ${endpoint.host} ${endpoint.port}`;
    const known = this.#addresses.delete(key);
    this.#addresses.set(key, { endpoint, path, lastHeard: hearing.at, ...hearing });
    if (this.#addresses.size > MAX_ADDRESSES_PER_PEER) {
      const oldest = this.#addresses.keys().next().value;
      if (oldest !== undefined) this.#addresses.delete(oldest);
    }
    return !known;
  }

  #earliestEnd(now: number): number {
    let earliest = this.#aliveUntil > now ? this.#aliveUntil : Number.POSITIVE_INFINITY;
    const consider = ({ expiresAt }: Hearing): void => {
      if (expiresAt > now && expiresAt < earliest) earliest = expiresAt;
    };
    for (const { heard } of this.#contents.values()) for (const hearing of heard.values()) consider(hearing);
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

/** A newer version; or the same one told with more detail (mDNS tells a count, the beacon ranges). */
function isNews(known: Holding, heard: Holding): boolean {
  if (heard.version !== known.version) return heard.version > known.version;
  return detail(heard.pieces) > detail(known.pieces);
}

function detail(pieces: PieceSummary): number {
  if (pieces.kind === 'all' || !pieces.more) return Number.POSITIVE_INFINITY;
  return pieces.ranges.length;
}

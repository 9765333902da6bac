import { MAX_TRACKERS_FOUND, MAX_TRACKERS_FOUND_PER_HOST } from '../limits.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';

/** What is heard of BitTorrent trackers on this LAN. The host is where it was heard from. */
export type TrackerSighting =
  | {
      readonly kind: 'heard';
      /** Its service instance. */
      readonly instance: string;
      readonly endpoint: Endpoint;
      readonly lifetimeMs: number;
    }
  | { readonly kind: 'gone'; readonly instance: string; readonly host: string };

/** `heard` comes again whenever the tracker says again that it is there. */
export interface TrackerNews {
  readonly kind: 'heard' | 'gone';
  /** `udp://10.77.0.1:6969` */
  readonly url: string;
  readonly endpoint: Endpoint;
}

interface KnownTracker {
  readonly url: string;
  readonly endpoint: Endpoint;
  expiresAt: number;
}

/**
 * The trackers that say by themselves that they are on this LAN. Anybody can say so: there are never more than a few,
 * an instance stays where it was heard first, and only who is there can say that it goes.
 */
export class LanTrackers {
  readonly #known = new Map<string, KnownTracker>();
  readonly #listeners = new Set<(news: TrackerNews) => void>();

  urls(): readonly string[] {
    return [...new Set([...this.#known.values()].map(({ url }) => url))];
  }

  /** Calls `listener` with those that are known, and with all news, until the returned function is called. */
  follow(listener: (news: TrackerNews) => void): () => void {
    this.#listeners.add(listener);
    for (const { url, endpoint } of [...this.#known.values()]) listener({ kind: 'heard', url, endpoint });
    return () => this.#listeners.delete(listener);
  }

  hear(sighting: TrackerSighting, now: number): void {
    const key = sighting.instance.toLowerCase();
    const known = this.#known.get(key);
    if (sighting.kind === 'gone') {
      if (known?.endpoint.host === sighting.host) this.#forget(key, known);
      return;
    }
    const { endpoint, lifetimeMs } = sighting;
    const url = trackerUrl(endpoint);
    if (url === undefined || (known !== undefined && !mayMove(known.endpoint, endpoint))) return;
    if (known !== undefined && known.url !== url) this.#forget(key, known);
    if (!this.#known.has(key)) this.#makeRoomAt(endpoint.host);
    if (!this.#known.has(key) && this.#known.size >= MAX_TRACKERS_FOUND) return;
    this.#known.set(key, { url, endpoint, expiresAt: now + lifetimeMs });
    this.#tell({ kind: 'heard', url, endpoint });
  }

  expire(now: number): void {
    for (const [key, known] of this.#known) if (known.expiresAt <= now) this.#forget(key, known);
  }

  /** A host that has its share goes on with the last that it said: one that was killed and started again has a new name. */
  #makeRoomAt(host: string): void {
    const there = [...this.#known].filter(([, { endpoint }]) => endpoint.host === host);
    const [first] = there;
    if (first !== undefined && there.length >= MAX_TRACKERS_FOUND_PER_HOST) this.#forget(...first);
  }

  #forget(key: string, { url, endpoint }: KnownTracker): void {
    this.#known.delete(key);
    // One that was started again has another name at the same place.
    if (!this.urls().includes(url)) this.#tell({ kind: 'gone', url, endpoint });
  }

  #tell(news: TrackerNews): void {
    for (const listener of [...this.#listeners]) listener(news);
  }
}

/** To another port, and from an address that means something on this machine only. */
function mayMove(from: Endpoint, to: Endpoint): boolean {
  return from.host === to.host || from.host.startsWith('127.');
}

/** Undefined where no URL can say it: link-local IPv6 addresses need a scope (RFC 6874 has not come into use). */
function trackerUrl(endpoint: Endpoint): string | undefined {
  if (endpoint.port === 0 || endpoint.host.includes('%')) return undefined;
  return `udp://${formatEndpoint(endpoint)}`;
}

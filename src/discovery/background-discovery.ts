import type { Holding } from '../holdings/holding.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Discovery, DiscoveryPath, DiscoveryReport, Examination, Query } from './discovery.ts';

/**
 * A way to find peers that opens while others are in use already: nobody waits for it, and what is announced and
 * sought meanwhile is passed on when it is open. Where it cannot be opened, its report says why.
 *
 * It is opened when `begin` resolves: loading its code takes the time of those who are answering already. A first
 * search that `isUrgent` does not wait for that. Closed before it, it is never opened.
 */
export function inBackground(
  path: DiscoveryPath,
  open: () => Promise<Discovery>,
  begin: (signal: AbortSignal) => Promise<void> = async () => {},
  isUrgent: (query: Query) => boolean = () => false,
): Discovery {
  return new BackgroundDiscovery(path, open, begin, isUrgent);
}

class BackgroundDiscovery implements Discovery {
  readonly path: DiscoveryPath;
  readonly #opening: Promise<void>;
  readonly #seeking = new Map<symbol, { readonly query: Query; stop: () => void }>();
  #holdings: readonly Holding[] = [];
  readonly #meetingPoints: Endpoint[] = [];
  #discovery: Discovery | undefined;
  #problem: string | undefined;
  readonly #isUrgent: (query: Query) => boolean;
  /** Until it begins to open. */
  readonly #waiting = new AbortController();
  readonly #closing = new AbortController();

  constructor(
    path: DiscoveryPath,
    open: () => Promise<Discovery>,
    begin: (signal: AbortSignal) => Promise<void>,
    isUrgent: (query: Query) => boolean,
  ) {
    this.path = path;
    this.#isUrgent = isUrgent;
    this.#opening = this.#open(open, begin);
  }

  announce(holdings: readonly Holding[]): void {
    this.#holdings = holdings;
    this.#discovery?.announce(holdings);
  }

  seek(query: Query): () => void {
    const key = Symbol('search');
    if (this.#seeking.size === 0 && this.#isUrgent(query)) this.#waiting.abort();
    this.#seeking.set(key, { query, stop: this.#discovery?.seek(query) ?? (() => {}) });
    return () => {
      this.#seeking.get(key)?.stop();
      this.#seeking.delete(key);
    };
  }

  meetAt(tracker: Endpoint): void {
    if (this.#discovery !== undefined) this.#discovery.meetAt?.(tracker);
    else this.#meetingPoints.push(tracker);
  }

  async examine(port: number, signal: AbortSignal): Promise<Examination | undefined> {
    return this.#discovery?.examine?.(port, signal);
  }

  describe(): DiscoveryReport {
    if (this.#discovery !== undefined) return this.#discovery.describe();
    return { path: this.path, interfaces: [], problems: this.#problem === undefined ? [] : [this.#problem] };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#waiting.abort();
    const closing = this.#discovery?.close();
    await this.#opening;
    await (closing ?? this.#discovery?.close());
  }

  async #open(open: () => Promise<Discovery>, begin: (signal: AbortSignal) => Promise<void>): Promise<void> {
    await begin(this.#waiting.signal);
    if (this.#closing.signal.aborted) return;
    try {
      this.#discovery = await open();
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      return;
    }
    if (this.#closing.signal.aborted) return;
    if (this.#holdings.length > 0) this.#discovery.announce(this.#holdings);
    for (const tracker of this.#meetingPoints) this.#discovery.meetAt?.(tracker);
    for (const search of this.#seeking.values()) search.stop = this.#discovery.seek(search.query);
  }
}

import type { Holding } from '../holdings/holding.ts';
import type { Discovery, DiscoveryPath, DiscoveryReport, Query } from './discovery.ts';

/**
 * A way to find peers that opens while others are in use already: nobody waits for it, and what is announced and
 * sought meanwhile is passed on when it is open. Where it cannot be opened, its report says why.
 */
export function inBackground(path: DiscoveryPath, open: () => Promise<Discovery>): Discovery {
  return new BackgroundDiscovery(path, open);
}

class BackgroundDiscovery implements Discovery {
  readonly path: DiscoveryPath;
  readonly #opening: Promise<void>;
  readonly #seeking = new Map<symbol, { readonly query: Query; stop: () => void }>();
  #holdings: readonly Holding[] = [];
  #discovery: Discovery | undefined;
  #problem: string | undefined;
  #closed = false;

  constructor(path: DiscoveryPath, open: () => Promise<Discovery>) {
    this.path = path;
    this.#opening = this.#open(open);
  }

  announce(holdings: readonly Holding[]): void {
    this.#holdings = holdings;
    this.#discovery?.announce(holdings);
  }

  seek(query: Query): () => void {
    const key = Symbol('search');
    this.#seeking.set(key, { query, stop: this.#discovery?.seek(query) ?? (() => {}) });
    return () => {
      this.#seeking.get(key)?.stop();
      this.#seeking.delete(key);
    };
  }

  describe(): DiscoveryReport {
    if (this.#discovery !== undefined) return this.#discovery.describe();
    return { path: this.path, interfaces: [], problems: this.#problem === undefined ? [] : [this.#problem] };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closing = this.#discovery?.close();
    await this.#opening;
    await (closing ?? this.#discovery?.close());
  }

  async #open(open: () => Promise<Discovery>): Promise<void> {
    try {
      this.#discovery = await open();
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      return;
    }
    if (this.#closed) return;
    if (this.#holdings.length > 0) this.#discovery.announce(this.#holdings);
    for (const search of this.#seeking.values()) search.stop = this.#discovery.seek(search.query);
  }
}

import type { Discovery, DiscoveryReport, Query } from '../discovery/discovery.ts';
import type { Holding, PeerId } from '../holdings/holding.ts';
import { HoldingsTable } from '../holdings/holdings-table.ts';
import { type Clock, repeat, type Timer } from '../platform/clock.ts';
import type { DiscoveryContext, DiscoveryFactory } from './api.ts';

const EXPIRE_INTERVAL_MS = 1_000;

/** All ways to find peers as one: they hear into one holdings table, and are asked and told together. */
export class Finder {
  readonly table: HoldingsTable;
  readonly #expiring: Timer;
  #discoveries: readonly Discovery[] = [];

  private constructor(peerId: PeerId, clock: Clock) {
    this.table = new HoldingsTable(peerId);
    this.#expiring = repeat(clock, EXPIRE_INTERVAL_MS, () => this.table.expire(clock.now()));
  }

  static async open(
    factories: readonly DiscoveryFactory[],
    context: Omit<DiscoveryContext, 'heard'>,
  ): Promise<Finder> {
    const finder = new Finder(context.peerId, context.clock);
    const heard: DiscoveryContext['heard'] = (sighting) =>
      finder.table.observe(sighting, context.clock.now());
    const opened = await Promise.allSettled(factories.map((make) => make({ ...context, heard })));
    finder.#discoveries = opened.flatMap((way) => (way.status === 'fulfilled' ? [way.value] : []));
    const failed = opened.find((way) => way.status === 'rejected');
    if (failed === undefined) return finder;
    await finder.close();
    throw failed.reason;
  }

  announce(holdings: readonly Holding[]): void {
    for (const discovery of this.#discoveries) discovery.announce(holdings);
  }

  /** Asks by every way until the returned function is called. */
  seek(query: Query): () => void {
    const stops = this.#discoveries.map((discovery) => discovery.seek(query));
    return () => {
      for (const stop of stops) stop();
    };
  }

  reports(): readonly DiscoveryReport[] {
    return this.#discoveries.map((discovery) => discovery.describe());
  }

  async close(): Promise<void> {
    this.#expiring.cancel();
    await Promise.all(this.#discoveries.map((discovery) => discovery.close()));
  }
}

import type { Discovery, DiscoveryReport, Examination, Query, Sighting } from '../discovery/discovery.ts';
import { LanTrackers, type TrackerSighting } from '../discovery/lan-trackers.ts';
import type { Holding, PeerId } from '../holdings/holding.ts';
import { HoldingsTable } from '../holdings/holdings-table.ts';
import { type Clock, repeat, type Timer } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { DiscoveryContext, DiscoveryFactory } from './api.ts';

const EXPIRE_INTERVAL_MS = 1_000;

/** A content, and an address where somebody has (part of) it. */
export type Place = Extract<Sighting, { kind: 'located' }>;

/** All ways to find peers as one: they hear into one holdings table, and are asked and told together. */
export class Finder {
  readonly table: HoldingsTable;
  /** Found, not given. */
  readonly trackers = new LanTrackers();
  readonly #expiring: Timer;
  readonly #onLocated = new Set<(place: Place) => void>();
  #discoveries: readonly Discovery[] = [];

  private constructor(peerId: PeerId, clock: Clock) {
    this.table = new HoldingsTable(peerId);
    this.#expiring = repeat(clock, EXPIRE_INTERVAL_MS, () => {
      this.table.expire(clock.now());
      this.trackers.expire(clock.now());
    });
  }

  static async open(
    factories: readonly DiscoveryFactory[],
    context: Omit<DiscoveryContext, 'heard' | 'trackerHeard'>,
  ): Promise<Finder> {
    const finder = new Finder(context.peerId, context.clock);
    const heard: DiscoveryContext['heard'] = (sighting) => {
      if (sighting.kind === 'located') for (const tell of finder.#onLocated) tell(sighting);
      else finder.table.observe(sighting, context.clock.now());
    };
    const trackerHeard = (sighting: TrackerSighting): void =>
      finder.trackers.hear(sighting, context.clock.now());
    const opened = await Promise.allSettled(
      factories.map((make) => make({ ...context, heard, trackerHeard })),
    );
    finder.#discoveries = opened.flatMap((way) => (way.status === 'fulfilled' ? [way.value] : []));
    // Some may have been heard by now.
    finder.trackers.follow(({ kind, endpoint }) => {
      if (kind === 'heard') finder.meetAt(endpoint);
    });
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

  /** Calls `listener` with every place where somebody is said to have a content, until the returned function is called. */
  onLocated(listener: (place: Place) => void): () => void {
    this.#onLocated.add(listener);
    return () => this.#onLocated.delete(listener);
  }

  /** Greets a tracker, where other nodes may be met; the host may be a name. */
  meetAt(tracker: Endpoint): void {
    for (const discovery of this.#discoveries) discovery.meetAt?.(tracker);
  }

  /** Asks another node to dial this TCP port of ours; undefined where none says how it went. */
  async examine(port: number, signal: AbortSignal): Promise<Examination | undefined> {
    const asked = this.#discoveries.map((discovery) => discovery.examine?.(port, signal));
    const answers = await Promise.all(asked);
    return answers.find((answer) => answer !== undefined);
  }

  /** Other nodes that were heard, whatever they hold; one that is heard in several ways counts once. */
  nodesHeard(): number {
    const heard = this.reports().flatMap(({ nodes = [] }) => nodes.map(({ peerId }) => peerId));
    return Math.max(this.table.peerCount, new Set(heard).size);
  }

  reports(): readonly DiscoveryReport[] {
    return this.#discoveries.map((discovery) => discovery.describe());
  }

  async close(): Promise<void> {
    this.#expiring.cancel();
    await Promise.all(this.#discoveries.map((discovery) => discovery.close()));
  }
}

import type { TrackerClient } from '../trackers/tracker-client.ts';
import type { Trackers, TrackersOptions } from '../trackers/trackers.ts';

/**
 * What a node has to do with trackers: one client for all contents, and who announces. Most fetches on a LAN know of no
 * tracker, so the code is loaded when the first one is needed.
 */
export class Tracking {
  readonly #platform: Pick<TrackersOptions, 'clock' | 'random'>;
  readonly #running = new Set<Trackers>();
  #client: Promise<TrackerClient> | undefined;

  constructor(platform: Pick<TrackersOptions, 'clock' | 'random'>) {
    this.#platform = platform;
  }

  /** Starts to announce one content, until its trackers are closed; undefined where `isWanted` says no once all is loaded. */
  async start(
    options: Omit<TrackersOptions, 'client' | 'clock' | 'random'>,
    isWanted: () => boolean,
  ): Promise<Trackers | undefined> {
    this.#client ??= this.#createClient();
    const [client, { createTrackers }] = await Promise.all([this.#client, import('../trackers/trackers.ts')]);
    if (!isWanted()) return undefined;
    const trackers = createTrackers({ ...options, ...this.#platform, client });
    this.#running.add(trackers);
    return trackers;
  }

  /** Says `stopped` for one content. */
  async stop(trackers: Trackers): Promise<void> {
    this.#running.delete(trackers);
    await trackers.close();
  }

  /** Our address may be another one: all trackers are told, as soon as each allows it. */
  networkChanged(): void {
    for (const trackers of this.#running) trackers.announceNow();
  }

  /** To be called when all contents are closed. */
  async close(): Promise<void> {
    const client = await this.#client;
    await client?.close();
  }

  async #createClient(): Promise<TrackerClient> {
    const { systemTrackerClient } = await import('../trackers/system-tracker-client.ts');
    return systemTrackerClient(this.#platform.clock, this.#platform.random);
  }
}

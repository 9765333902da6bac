import { LanshareError } from '../errors.ts';
import {
  TRACKER_PEERS_WANTED,
  TRACKER_STOP_TIMEOUT_MS,
  TRACKER_STOP_UNANSWERED_TIMEOUT_MS,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { printableName } from '../metainfo/printable-name.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { AnnounceAnswer, AnnounceEvent, AnnounceRequest } from '../wire/tracker/announce.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import type { AnnounceOrder } from './announce-order.ts';
import { Announcer } from './announcer.ts';
import type { TrackerClient } from './tracker-client.ts';
import type { TrackerStatus } from './tracker-status.ts';
import { usablePeers } from './usable-peers.ts';
import { waitFor } from './wait-for.ts';

export type { TrackerStatus } from './tracker-status.ts';

export interface TrackersOptions {
  readonly infoHash: InfoHash;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** The node's TCP port. */
  readonly port: number;
  /** As in the .torrent (BEP 12). */
  readonly tiers: readonly (readonly string[])[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Bytes; `left` is more than 0 as long as the size is not known. */
  statistics(): { readonly uploaded: number; readonly downloaded: number; readonly left: number };
  /** Peers of one answer that can be dialled, each once; this node may be among them. Never empty. */
  onPeers(endpoints: readonly Endpoint[]): void;
  /** All trackers, after each change. */
  onStatus(rows: readonly TrackerStatus[]): void;
  /** One for all contents of a node, which closes it. */
  readonly client: TrackerClient;
}

/** The trackers of one content. */
export interface Trackers {
  /** The content has been completed just now; not for one that was complete from the start. */
  completed(): void;
  /** Announces as soon as each tracker's `min interval` allows it. */
  announceNow(): void;
  status(): readonly TrackerStatus[];
  /** Says `stopped` as far as trackers answer within TRACKER_STOP_TIMEOUT_MS. Never rejects. */
  close(): Promise<void>;
}

/** Starts to announce as soon as the caller is done. Nothing is thrown: how it goes is told by `onStatus`. */
export function createTrackers(options: TrackersOptions): Trackers {
  return new RunningTrackers(options);
}

class RunningTrackers implements Trackers {
  readonly #options: TrackersOptions;
  readonly #announcer: Announcer;
  readonly #key: number;
  readonly #end = new AbortController();
  #timer: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: TrackersOptions) {
    const { random, tiers } = options;
    this.#options = options;
    this.#announcer = new Announcer(tiers, random);
    this.#key = Buffer.from(random.bytes(4)).readUInt32BE();
    // Nobody is called back before the caller has what it calls back about.
    this.#timer = options.clock.setTimer(0, () => this.#announceDue());
  }

  completed(): void {
    this.#announcer.completed(this.#options.clock.now());
    this.#announceDue();
  }

  announceNow(): void {
    this.#announcer.announceNow(this.#options.clock.now());
    this.#announceDue();
  }

  status(): readonly TrackerStatus[] {
    return this.#announcer.status();
  }

  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  get #closed(): boolean {
    return this.#closing !== undefined;
  }

  #announceDue(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    for (const order of this.#announcer.due(clock.now())) void this.#announce(order);
    this.#timer?.cancel();
    this.#timer = undefined;
    const { nextAt } = this.#announcer;
    if (Number.isFinite(nextAt))
      this.#timer = clock.setTimer(Math.max(0, nextAt - clock.now()), () => this.#announceDue());
  }

  async #announce(order: AnnounceOrder): Promise<void> {
    const { clock, logger } = this.#options;
    const { event, tracker } = order;
    try {
      const answer = await this.#send(order, this.#signal());
      if (this.#closed) return;
      logger.debug({ tracker: tracker.url, event, peers: answer.peers.length }, 'a tracker answered');
      this.#announcer.succeeded(order, answer, clock.now());
      this.#passOn(answer);
      if (answer.seeders === undefined) void this.#count(order);
    } catch (error) {
      if (this.#closed) return;
      const message = sentenceOf(error);
      logger.debug({ tracker: tracker.url, event, message }, 'a tracker failed');
      this.#announcer.failed(order, message, clock.now(), retryAfterMs(error));
    }
    this.#announceDue();
    this.#options.onStatus(this.status());
  }

  async #send({ tracker, event, patience }: AnnounceOrder, signal: AbortSignal): Promise<AnnounceAnswer> {
    const { trackerId } = tracker;
    const { client } = this.#options;
    return await client.announce(tracker.url, this.#request(event), { signal, patience, trackerId });
  }

  #request(event: AnnounceEvent): AnnounceRequest {
    const { infoHash, peerId, port } = this.#options;
    const { uploaded, downloaded, left } = this.#options.statistics();
    const peersWanted = event === 'stopped' ? 0 : TRACKER_PEERS_WANTED;
    return { infoHash, peerId, port, uploaded, downloaded, left, event, peersWanted, key: this.#key };
  }

  #passOn({ peers }: AnnounceAnswer): void {
    const usable = usablePeers(peers);
    if (usable.length > 0) this.#options.onPeers(usable);
  }

  /** Asks a tracker that gives no counts with its peers (BEP 48). Nobody waits for that, or is told if it fails. */
  async #count({ tracker }: AnnounceOrder): Promise<void> {
    const { infoHash, client } = this.#options;
    try {
      const contents = await client.scrape(tracker.url, [infoHash], this.#signal());
      const counts = contents.find((one) => one.infoHash === infoHash);
      if (counts === undefined || this.#closed) return;
      tracker.counted(counts);
      this.#options.onStatus(this.status());
    } catch (error) {
      this.#options.logger.trace({ tracker: tracker.url, message: sentenceOf(error) }, 'no counts');
    }
  }

  /** One for each request: Node warns of many listeners at the same signal. */
  #signal(): AbortSignal {
    return AbortSignal.any([this.#end.signal]);
  }

  async #stop(): Promise<void> {
    this.#timer?.cancel();
    this.#end.abort(new LanshareError('INTERRUPTED', 'the trackers are not asked any more'));
    await Promise.all(this.#announcer.stop().map((order) => this.#sayStopped(order)));
  }

  async #sayStopped(order: AnnounceOrder): Promise<void> {
    const { clock, logger } = this.#options;
    const timeoutMs = order.tracker.hasStarted ? TRACKER_STOP_TIMEOUT_MS : TRACKER_STOP_UNANSWERED_TIMEOUT_MS;
    const end = new AbortController();
    try {
      await waitFor(this.#send(order, end.signal), timeoutMs, clock, end.signal);
    } catch (error) {
      logger.debug({ tracker: order.tracker.url, message: sentenceOf(error) }, 'stopped was not heard');
    } finally {
      end.abort();
    }
  }
}

function retryAfterMs(error: unknown): number {
  return error instanceof TrackerFault ? error.retryAfterSeconds * 1_000 : 0;
}

/** What a fault says may have a stranger's host names in it. */
function sentenceOf(error: unknown): string {
  return printableName(error instanceof Error ? error.message : String(error));
}

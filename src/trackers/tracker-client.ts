import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramNetwork } from '../platform/datagram.ts';
import type { HttpGet } from '../platform/http-client.ts';
import type { Random } from '../platform/random.ts';
import type { AnnounceAnswer, AnnounceRequest, ScrapeCounts } from '../wire/tracker/announce.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import { trackerProtocol } from '../wire/tracker/tracker-url.ts';
import type { AnnounceHow } from './announce-how.ts';
import { HttpTrackers } from './http-trackers.ts';
import { LookUps } from './look-ups.ts';
import { Turns } from './turns.ts';
import { UdpTrackers } from './udp-trackers.ts';

/** Asks trackers, whatever they speak: one for all contents of a node, which share sockets, connections and limits. */
export interface TrackerClient {
  /**
   * Rejects with TrackerFault or LanshareError, whose message is a sentence; with the signal's reason where that
   * aborts.
   */
  announce(tracker: string, request: AnnounceRequest, how: AnnounceHow): Promise<AnnounceAnswer>;
  /** Counts of at most MAX_SCRAPED_CONTENTS contents; those that the tracker does not know may be missing. */
  scrape(
    tracker: string,
    infoHashes: readonly InfoHash[],
    signal: AbortSignal,
  ): Promise<readonly ScrapeCounts[]>;
  /** Closes sockets and connections; to be called when nothing is under way any more. */
  close(): Promise<void>;
}

export interface TrackerClientOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: DatagramNetwork;
  readonly httpGet: HttpGet;
}

export function createTrackerClient(options: TrackerClientOptions): TrackerClient {
  const lookUps = new LookUps(options.datagrams, options.clock);
  const udp = new UdpTrackers({ ...options, lookUps });
  const http = new HttpTrackers({ ...options, lookUps });
  const turns = new Turns(options.clock);
  const trackersOf = (tracker: string): UdpTrackers | HttpTrackers =>
    protocolOf(tracker) === 'udp' ? udp : http;
  return {
    async announce(tracker, request, how) {
      const trackers = trackersOf(tracker);
      return await turns.take(hostOf(tracker), how.signal, () => trackers.announce(tracker, request, how));
    },
    async scrape(tracker, infoHashes, signal) {
      const trackers = trackersOf(tracker);
      return await turns.take(hostOf(tracker), signal, () => trackers.scrape(tracker, infoHashes, signal));
    },
    async close() {
      http.close();
      await udp.close();
    },
  };
}

function protocolOf(tracker: string): 'http' | 'udp' {
  const protocol = trackerProtocol(tracker);
  if (typeof protocol === 'object') throw new TrackerFault(protocol.unusable);
  return protocol;
}

function hostOf(tracker: string): string {
  return new URL(tracker).host;
}

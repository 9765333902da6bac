import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramNetwork } from '../platform/datagram.ts';
import type { HttpGet } from '../platform/http-client.ts';
import type { Random } from '../platform/random.ts';
import type { AnnounceAnswer, AnnounceRequest, ScrapeCounts } from '../wire/tracker/announce.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import { trackerProtocol } from '../wire/tracker/tracker-url.ts';
import type { AnnounceHow } from './announce-how.ts';
import { announceByHttp, scrapeByHttp } from './http-tracker.ts';
import { UdpTrackers } from './udp-trackers.ts';

/** Asks trackers, whatever they speak; one for all contents of a node saves sockets and connection ids. */
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
  close(): Promise<void>;
}

export interface TrackerClientOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: DatagramNetwork;
  readonly httpGet: HttpGet;
}

export function createTrackerClient(options: TrackerClientOptions): TrackerClient {
  const udp = new UdpTrackers(options);
  const { httpGet } = options;
  return {
    async announce(tracker, request, how) {
      if (protocolOf(tracker) === 'udp') return await udp.announce(tracker, request, how);
      return await announceByHttp(httpGet, tracker, request, how);
    },
    async scrape(tracker, infoHashes, signal) {
      if (protocolOf(tracker) === 'udp') return await udp.scrape(tracker, infoHashes, signal);
      return await scrapeByHttp(httpGet, tracker, infoHashes, signal);
    },
    close: () => udp.close(),
  };
}

function protocolOf(tracker: string): 'http' | 'udp' {
  const protocol = trackerProtocol(tracker);
  if (typeof protocol === 'object') throw new TrackerFault(protocol.unusable);
  return protocol;
}

import {
  HTTP_TRACKER_SHORT_TIMEOUT_MS,
  HTTP_TRACKER_TIMEOUT_MS,
  MAX_TRACKER_ANSWER_BYTES,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Clock } from '../platform/clock.ts';
import type { HttpAnswer, HttpGet, HttpGetOptions } from '../platform/http-client.ts';
import { HttpConnections } from '../platform/http-connections.ts';
import type {
  AnnounceAnswer,
  AnnounceRequest,
  ScrapeCounts,
  TrackerFailure,
} from '../wire/tracker/announce.ts';
import { decodeHttpAnnounceAnswer } from '../wire/tracker/http-announce-answer.ts';
import { announceUrl, scrapeUrl } from '../wire/tracker/http-query.ts';
import { decodeHttpScrapeAnswer } from '../wire/tracker/http-scrape-answer.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import { scrapeAddress, trackerHost } from '../wire/tracker/tracker-url.ts';
import type { AnnounceHow } from './announce-how.ts';
import type { LookUps } from './look-ups.ts';
import { overEachFamily } from './over-each-family.ts';
import { peersBelieved } from './peers-believed.ts';
import { isLinkLocalAddress, isLoopback } from './this-machine.ts';
import { trackerAddresses } from './tracker-addresses.ts';

export interface HttpTrackersOptions {
  readonly clock: Clock;
  readonly httpGet: HttpGet;
  readonly lookUps: LookUps;
}

type AskOptions = Pick<HttpGetOptions, 'signal' | 'timeoutMs' | 'family'>;

/** Asks trackers over HTTP and HTTPS (BEP 3, 48), on connections that are kept for the next request. */
export class HttpTrackers {
  readonly #options: HttpTrackersOptions;
  readonly #connections = { any: new HttpConnections(), 4: new HttpConnections(), 6: new HttpConnections() };

  constructor(options: HttpTrackersOptions) {
    this.#options = options;
  }

  async announce(
    tracker: string,
    request: AnnounceRequest,
    { signal, patience, trackerId }: AnnounceHow,
  ): Promise<AnnounceAnswer> {
    const { clock, lookUps } = this.#options;
    const url = announceUrl(tracker, { ...request, trackerId, compact: true });
    const timeoutMs = patience === 'short' ? HTTP_TRACKER_SHORT_TIMEOUT_MS : HTTP_TRACKER_TIMEOUT_MS;
    const addresses = await trackerAddresses(trackerHost(tracker), lookUps, clock, signal);
    return await overEachFamily(
      [...addresses.keys()],
      async (family, either) => {
        const how = { signal: either, timeoutMs, family: family === 'IPv6' ? 6 : 4 } as const;
        const { answer, address } = await this.#ask(url, decodeHttpAnnounceAnswer, how);
        return { ...answer, peers: peersBelieved(answer.peers, address) };
      },
      clock,
      signal,
    );
  }

  /** Rejects with TrackerFault where the tracker's address allows no scrape. */
  async scrape(
    tracker: string,
    infoHashes: readonly InfoHash[],
    signal: AbortSignal,
  ): Promise<readonly ScrapeCounts[]> {
    const scrape = scrapeAddress(tracker);
    if (scrape === undefined)
      throw new TrackerFault('its address does not end in "announce": it has no scrape');
    const how = { signal, timeoutMs: HTTP_TRACKER_SHORT_TIMEOUT_MS };
    const { answer } = await this.#ask(scrapeUrl(scrape, infoHashes), decodeHttpScrapeAnswer, how);
    return answer.contents;
  }

  close(): void {
    for (const connections of Object.values(this.#connections)) connections.close();
  }

  async #ask<T extends { readonly type: string }>(
    url: string,
    decode: (bytes: Uint8Array) => T | TrackerFailure,
    how: AskOptions,
  ): Promise<{ readonly answer: T; readonly address: string | undefined }> {
    const { httpGet, lookUps } = this.#options;
    const http = await httpGet(url, {
      ...how,
      resolve: (host) => lookUps.resolve(host),
      maxBytes: MAX_TRACKER_ANSWER_BYTES,
      headers: { 'accept-encoding': 'gzip' },
      refuse: refuseOtherPrograms,
      // A name may mean another address by now than the kept connection goes to: only what may go anywhere goes there.
      ...(isTrackerPath(new URL(url)) ? { connections: this.#connections[how.family ?? 'any'] } : {}),
    });
    const answer = read(http, decode);
    if (isFailure(answer)) throw new TrackerFault(answer.reason, retryAfterSeconds(answer, http));
    if (http.status !== 200) throw badStatus(http);
    return { answer, address: http.address };
  }
}

/**
 * A stranger's .torrent, or a redirect, shall not have us ask another program on this machine for whatever it names:
 * there, as with libtorrent's ssrf_mitigation, only what looks like a tracker is asked.
 */
function refuseOtherPrograms(url: URL, address: string): string | undefined {
  const isNear = isLoopback(address) || isLinkLocalAddress(address);
  if (!isNear || isTrackerPath(url)) return undefined;
  return `${url.host} is on this machine or link, and what is asked of it is no tracker's "announce"`;
}

function isTrackerPath({ pathname }: URL): boolean {
  return /\/(announce|scrape)[^/]*$/.test(pathname);
}

/** Some trackers say why they refuse beside a status of 4xx; what else stands there is no answer. */
function read<T>(http: HttpAnswer, decode: (bytes: Uint8Array) => T): T {
  try {
    return decode(http.body);
  } catch (error) {
    throw http.status === 200 ? error : badStatus(http);
  }
}

function badStatus(http: HttpAnswer): TrackerFault {
  return new TrackerFault(`it answered with HTTP status ${http.status}`, retryAfterHeader(http));
}

function isFailure(answer: { readonly type: string }): answer is TrackerFailure {
  return answer.type === 'failure';
}

function retryAfterSeconds({ retryInMinutes }: TrackerFailure, http: HttpAnswer): number {
  if (retryInMinutes === 'never') return Number.POSITIVE_INFINITY;
  return retryInMinutes === undefined ? retryAfterHeader(http) : retryInMinutes * 60;
}

/** RFC 9110 section 10.2.3, where it is a number of seconds. */
function retryAfterHeader({ headers }: HttpAnswer): number {
  const { 'retry-after': text = '' } = headers;
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

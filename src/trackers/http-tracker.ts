import {
  HTTP_TRACKER_SHORT_TIMEOUT_MS,
  HTTP_TRACKER_TIMEOUT_MS,
  MAX_TRACKER_ANSWER_BYTES,
} from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { canonicalAddress, unmapAddress } from '../platform/endpoint.ts';
import type { HttpAnswer, HttpGet } from '../platform/http-client.ts';
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
import { scrapeAddress } from '../wire/tracker/tracker-url.ts';
import type { AnnounceHow } from './announce-how.ts';

/** Announces over HTTP or HTTPS (BEP 3). */
export async function announceByHttp(
  httpGet: HttpGet,
  tracker: string,
  request: AnnounceRequest,
  { signal, patience, trackerId }: AnnounceHow,
): Promise<AnnounceAnswer> {
  const url = announceUrl(tracker, { ...request, trackerId, compact: true });
  const timeoutMs = patience === 'short' ? HTTP_TRACKER_SHORT_TIMEOUT_MS : HTTP_TRACKER_TIMEOUT_MS;
  return await ask(httpGet, url, decodeHttpAnnounceAnswer, signal, timeoutMs);
}

/** BEP 48. Rejects with TrackerFault where the tracker's address allows no scrape. */
export async function scrapeByHttp(
  httpGet: HttpGet,
  tracker: string,
  infoHashes: readonly InfoHash[],
  signal: AbortSignal,
): Promise<readonly ScrapeCounts[]> {
  const address = scrapeAddress(tracker);
  if (address === undefined)
    throw new TrackerFault('its address does not end in "announce": it has no scrape');
  const url = scrapeUrl(address, infoHashes);
  const { contents } = await ask(httpGet, url, decodeHttpScrapeAnswer, signal, HTTP_TRACKER_SHORT_TIMEOUT_MS);
  return contents;
}

async function ask<T extends { readonly type: string }>(
  httpGet: HttpGet,
  url: string,
  decode: (bytes: Uint8Array) => T | TrackerFailure,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<T> {
  const http = await httpGet(url, {
    signal,
    timeoutMs,
    maxBytes: MAX_TRACKER_ANSWER_BYTES,
    headers: { 'accept-encoding': 'gzip' },
    refuse: refuseOtherPrograms,
  });
  const answer = read(http, decode);
  if (isFailure(answer)) throw new TrackerFault(answer.reason);
  if (http.status !== 200) throw badStatus(http.status);
  return answer;
}

/**
 * A stranger's .torrent, or a redirect, shall not have us ask another program on this machine for whatever it names:
 * there, as with libtorrent's ssrf_mitigation, only what looks like a tracker is asked.
 */
function refuseOtherPrograms({ pathname, host }: URL, address: string): string | undefined {
  if (!isThisMachineOrLink(address) || /\/(announce|scrape)[^/]*$/.test(pathname)) return undefined;
  return `${host} is on this machine or link, and what is asked of it is no tracker's "announce"`;
}

/** Loopback and link-local (RFC 6890); at the latter, clouds serve their secrets. */
function isThisMachineOrLink(address: string): boolean {
  return /^(127\.|169\.254\.|::1$|fe[89ab])/i.test(canonicalAddress(unmapAddress(address)));
}

/** Some trackers say why they refuse beside a status of 4xx; what else stands there is no answer. */
function read<T>({ status, body }: HttpAnswer, decode: (bytes: Uint8Array) => T): T {
  try {
    return decode(body);
  } catch (error) {
    throw status === 200 ? error : badStatus(status);
  }
}

function badStatus(status: number): TrackerFault {
  return new TrackerFault(`it answered with HTTP status ${status}`);
}

function isFailure(answer: { readonly type: string }): answer is TrackerFailure {
  return answer.type === 'failure';
}

import { MAX_TRACKER_URL_BYTES } from '../../limits.ts';
import type { Endpoint } from '../../platform/endpoint.ts';

/** Which protocol a tracker is asked by, or in a sentence why it cannot be asked. */
export type TrackerProtocol = 'http' | 'udp' | { readonly unusable: string };

export function trackerProtocol(tracker: string): TrackerProtocol {
  if (Buffer.byteLength(tracker) > MAX_TRACKER_URL_BYTES)
    return { unusable: `its address is longer than ${MAX_TRACKER_URL_BYTES} bytes` };
  const url = URL.canParse(tracker) ? new URL(tracker) : undefined;
  switch (url?.protocol) {
    case 'http:':
    case 'https:':
      return 'http';
    case 'udp:':
      return udpTracker(tracker) === undefined ? { unusable: 'its address has no host or port' } : 'udp';
    case undefined:
      return { unusable: 'its address is no URL' };
    default:
      return { unusable: `lanshare does not speak ${url?.protocol.slice(0, -1)} with trackers` };
  }
}

/** `udp://host:port/path?query`: where it listens, and what stands behind that (BEP 41). */
export interface UdpTracker {
  readonly endpoint: Endpoint;
  readonly urlData: string;
}

/** Undefined where host or port are missing: UDP trackers have no usual port. */
export function udpTracker(tracker: string): UdpTracker | undefined {
  if (!URL.canParse(tracker)) return undefined;
  const { hostname, port, pathname, search } = new URL(tracker);
  const host = withoutBrackets(hostname);
  if (host === '' || port === '' || port === '0') return undefined;
  const urlData = `${pathname}${search}`;
  return { endpoint: { host, port: Number(port) }, urlData: urlData === '/' ? '' : urlData };
}

/** The host of a tracker that can be asked: a name, or an address without brackets. */
export function trackerHost(tracker: string): string {
  return withoutBrackets(new URL(tracker).hostname);
}

/** The host of a URL as a look-up wants it. */
function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/**
 * Where an HTTP tracker is scraped (BEP 48): the text behind the last slash of the whole address must begin with
 * `announce`, which `scrape` takes the place of. Undefined where it does not: such a tracker cannot be scraped.
 */
export function scrapeAddress(tracker: string): string | undefined {
  const start = tracker.lastIndexOf('/') + 1;
  if (!tracker.startsWith('announce', start)) return undefined;
  return `${tracker.slice(0, start)}scrape${tracker.slice(start + 'announce'.length)}`;
}

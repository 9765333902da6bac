import type { Endpoint } from '../platform/endpoint.ts';
import { trackerHost, trackerProtocol } from '../wire/tracker/tracker-url.ts';

/** As HTTP has it where a URL names none. */
const HTTP_PORT = 80;

/**
 * Where a tracker gossips, if it is one of lanshare's: at the port of its URL, by UDP, whatever it is asked by. The host
 * may be a name. Undefined for what cannot be one.
 */
export function meetingPoint(tracker: string): Endpoint | undefined {
  if (typeof trackerProtocol(tracker) === 'object') return undefined;
  const { protocol, port } = new URL(tracker);
  if (protocol === 'https:') return undefined;
  return { host: trackerHost(tracker), port: port === '' ? HTTP_PORT : Number(port) };
}

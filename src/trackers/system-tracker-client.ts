import type { Clock } from '../platform/clock.ts';
import { httpGet } from '../platform/http-client.ts';
import type { Random } from '../platform/random.ts';
import { systemDatagrams } from '../platform/system-datagram.ts';
import { createTrackerClient, type TrackerClient } from './tracker-client.ts';

/** A tracker client on the machine's network. */
export function systemTrackerClient(clock: Clock, random: Random): TrackerClient {
  return createTrackerClient({ clock, random, datagrams: systemDatagrams, httpGet });
}

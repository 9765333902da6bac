import type { HttpCounts } from './http/http-counts.ts';
import type { Registry } from './registry/registry.ts';
import type { TrackerStats } from './tracker-server-api.ts';
import type { UdpCounts } from './udp/udp-counts.ts';

export interface CountedParts {
  readonly uptimeMs: number;
  readonly registry: Registry;
  readonly matches: number;
  readonly udp: UdpCounts;
  readonly http: HttpCounts;
  /** UDP answers that there was no room for, or that could not go where the request came from. */
  readonly unsent: number;
  readonly store: TrackerStats['store'];
}

/** All that a tracker's parts count, as it is now. */
export function trackerStats(parts: CountedParts): TrackerStats {
  const { uptimeMs, registry, matches, udp, http, unsent, store } = parts;
  return {
    uptimeSeconds: Math.floor(uptimeMs / 1000),
    contents: registry.swarms.count,
    peers: registry.peers,
    seeders: registry.seeders,
    announces: { udp: udp.announces, http: http.announces },
    scrapes: { udp: udp.scrapes, http: http.scrapes },
    connects: udp.connects,
    matches,
    refused: sums(udp.refused, http.refused, { 'not sent': unsent }),
    store,
    memoryBytes: process.memoryUsage.rss(),
  };
}

/** By reason; both protocols have some in common. */
function sums(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const [reason, number] of counts.flatMap((one) => Object.entries(one)))
    all[reason] = (all[reason] ?? 0) + number;
  return all;
}

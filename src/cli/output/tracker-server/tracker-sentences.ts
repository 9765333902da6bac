import { printableName } from '../../../metainfo/printable-name.ts';
import { parseEndpoint } from '../../../platform/endpoint.ts';
import type { Listening } from '../events.ts';
import type { Matched } from './tracker-events.ts';

const MAX_PEERS_SHOWN = 8;

export function trackerListening({ urls }: Listening): readonly string[] {
  const [page] = urls.flatMap((url) => (url.startsWith('http://') ? new URL('/', url).href : []));
  return [
    'the tracker runs; Ctrl-C stops it. Clients announce to',
    ...urls.map((url) => `  ${url}`),
    ...(page === undefined ? [] : [`  to be watched at ${page}, with /stats, /metrics and /torrents`]),
  ];
}

/** `10.77.0.3 -> 10.77.0.2, 10.77.0.4  movie.txt`; several peers of one host are one. */
export function matched({ peer, with: given, name, infoHash }: Matched): string {
  const hosts = [...new Set(given.map(hostOf))];
  const others = hosts.length - MAX_PEERS_SHOWN;
  const shown = hosts.slice(0, MAX_PEERS_SHOWN).join(', ') + (others > 0 ? ` and ${others} more` : '');
  return `${hostOf(peer)} -> ${shown}  ${printableName(name ?? infoHash)}`;
}

function hostOf(endpoint: string): string {
  return parseEndpoint(endpoint, 0)?.host ?? endpoint;
}

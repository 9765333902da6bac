import type { TrackerStats } from '../tracker-server-api.ts';
import type { Metric, Sample } from './prometheus.ts';

/** What /metrics tells beside the tracker's own figures. */
export interface ServiceFigures {
  readonly openConnections: number;
  readonly acceptedConnections: number;
  readonly pages: number;
  /** 99 of 100 turns of the event loop began no later than so much after their time, since this was last asked for. */
  readonly loopDelaySeconds: number;
}

const PREFIX = 'lanshare_tracker_';

export function trackerMetrics(stats: TrackerStats, service: ServiceFigures): readonly Metric[] {
  const { peers, seeders, announces, scrapes, store } = stats;
  return [
    gauge('uptime_seconds', 'Since the tracker was started.', stats.uptimeSeconds),
    gauge('contents', 'Contents that are tracked.', stats.contents),
    {
      ...gauge('peers', 'Peers that are known; one that announces over IPv4 and IPv6 counts twice.', 0),
      samples: [labelled('role', 'seeder', seeders), labelled('role', 'leecher', peers - seeders)],
    },
    counter('announces_total', 'Announcements that were answered.', byProtocol(announces)),
    counter('scrapes_total', 'Scrapes that were answered.', byProtocol(scrapes)),
    counter('udp_connects_total', 'UDP connection ids that were given.', [{ value: stats.connects }]),
    counter('matches_total', 'Times that somebody was given peers.', [{ value: stats.matches }]),
    counter(
      'refused_total',
      'Requests that got an error, or nothing, by reason.',
      Object.entries(stats.refused).map(([reason, count]) => labelled('reason', reason, count)),
    ),
    counter('http_connections_total', 'TCP connections that were accepted.', [
      { value: service.acceptedConnections },
    ]),
    gauge('http_connections', 'TCP connections that are open.', service.openConnections),
    counter('pages_total', 'Pages, /metrics and .torrent files that were asked for.', [
      { value: service.pages },
    ]),
    {
      ...gauge('store_unsaved_rows', 'Changes that the store has not kept yet.', 0),
      samples: [labelled('store', store.kind, store.unsaved)],
    },
    {
      ...gauge('store_failing', '1 while the store cannot keep changes.', 0),
      samples: [labelled('store', store.kind, store.fault === undefined ? 0 : 1)],
    },
    gauge('memory_bytes', 'Resident memory of the process.', stats.memoryBytes),
    gauge('event_loop_delay_seconds', 'Its 99th percentile since the last time.', service.loopDelaySeconds),
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name: `${PREFIX}${name}`, help, type: 'gauge', samples: [{ value }] };
}

function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `${PREFIX}${name}`, help, type: 'counter', samples };
}

function byProtocol({ udp, http }: { readonly udp: number; readonly http: number }): readonly Sample[] {
  return [labelled('protocol', 'udp', udp), labelled('protocol', 'http', http)];
}

function labelled(label: string, text: string, value: number): Sample {
  return { labels: { [label]: text }, value };
}

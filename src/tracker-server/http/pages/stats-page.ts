import type { TrackedContent, TrackerStats } from '../../tracker-server-api.ts';
import type { HttpResponse } from '../http-response.ts';
import { type Html, html } from './html.ts';
import { htmlPage } from './page.ts';

/** The figures for programs; what is not known is null. */
export function statsJson(stats: TrackerStats, contents: readonly TrackedContent[]): HttpResponse {
  const text = JSON.stringify({ ...stats, mostPeers: contents }, (_, value: unknown) => value ?? null);
  return {
    status: 200,
    contentType: 'application/json',
    body: Buffer.from(`${text}\n`),
    fields: ['Cache-Control: no-store', 'Vary: Accept', 'X-Content-Type-Options: nosniff'],
  };
}

/** The figures for people. */
export function statsPage(stats: TrackerStats): HttpResponse {
  const { announces, scrapes, store } = stats;
  const figures: readonly (readonly [string, string | number])[] = [
    ['running for', duration(stats.uptimeSeconds)],
    ['contents', stats.contents],
    ['peers', stats.peers],
    ['seeders', stats.seeders],
    ['announcements by UDP', announces.udp],
    ['announcements by HTTP', announces.http],
    ['scrapes by UDP', scrapes.udp],
    ['scrapes by HTTP', scrapes.http],
    ['connection ids given', stats.connects],
    ['times that peers were given', stats.matches],
    ['store', store.fault === undefined ? store.kind : `${store.kind}: ${store.fault}`],
    ['not yet stored', store.unsaved],
    ['memory', `${Math.round(stats.memoryBytes / 1_000_000)} MB`],
    ...Object.entries(stats.refused).map(([reason, count]) => [`refused: ${reason}`, count] as const),
  ];
  const page = htmlPage('lanshare tracker: figures', [table(figures)]);
  return { ...page, fields: [...(page.fields ?? []), 'Vary: Accept'] };
}

function table(figures: readonly (readonly [string, string | number])[]): Html {
  const rows = figures.map(
    ([name, value]) => html`<tr><td>${name}</td><td class="n">${value}</td></tr>
`,
  );
  return html`<table><tbody>${rows}</tbody></table>`;
}

/** `3 d 4 h`, `4 h 5 min`, `5 min 6 s`. */
function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

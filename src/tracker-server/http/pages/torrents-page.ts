import type { HttpResponse } from '../http-response.ts';
import { type Html, html } from './html.ts';
import { htmlPage } from './page.ts';

/** .torrent files that are handed out, by their names. They are looked up in this map and nowhere else. */
export type HandedOutTorrents = ReadonlyMap<string, Uint8Array>;

export function torrentsPage(torrents: HandedOutTorrents): HttpResponse {
  const items = [...torrents.keys()].map(item);
  const list = items.length === 0 ? html`<p>There are none.</p>` : html`<ul>${items}</ul>`;
  return htmlPage('.torrent files', [list]);
}

function item(name: string): Html {
  return html`<li><a href="/torrents/${encodeURIComponent(name)}">${name}</a></li>
`;
}

/** `sent`: the name as it stands in the path. Undefined where there is none of that name. */
export function torrentFile(torrents: HandedOutTorrents, sent: string): HttpResponse | undefined {
  const body = torrents.get(decoded(sent) ?? '');
  if (body === undefined) return undefined;
  return {
    status: 200,
    contentType: 'application/x-bittorrent',
    body,
    fields: ['X-Content-Type-Options: nosniff', 'Cache-Control: no-cache'],
  };
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

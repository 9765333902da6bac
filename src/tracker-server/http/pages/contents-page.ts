import type { TrackedContent, TrackerStats } from '../../tracker-server-api.ts';
import type { HttpResponse } from '../http-response.ts';
import { type Html, html } from './html.ts';
import { htmlPage } from './page.ts';

/** What is tracked, those with the most peers first. */
export function contentsPage(stats: TrackerStats, contents: readonly TrackedContent[]): HttpResponse {
  const { peers, seeders } = stats;
  const summary = html`<p>contents: ${stats.contents}, seeders: ${seeders}, leechers: ${peers - seeders}</p>`;
  return htmlPage('lanshare tracker', [summary, contents.length === 0 ? NOBODY : table(contents)]);
}

const NOBODY = html`<p>Nobody has announced anything yet.</p>`;

function table(contents: readonly TrackedContent[]): Html {
  return html`<table><thead><tr><th>content</th><th class="n">seeders</th><th class="n">leechers</th><th class="n">completed</th></tr></thead>
<tbody>${contents.map(row)}</tbody></table>`;
}

function row({ name, infoHash, seeders, leechers, completed }: TrackedContent): Html {
  const title =
    name === undefined ? html`<code>${infoHash}</code>` : html`${name}<br><code>${infoHash}</code>`;
  return html`<tr><td>${title}</td><td class="n">${seeders}</td><td class="n">${leechers}</td><td class="n">${completed}</td></tr>
`;
}

import type { HttpResponse } from '../http-response.ts';
import { type Html, html } from './html.ts';

/** Nothing is loaded from anywhere, and nothing on the page can do anything: names come from strangers. */
const HTML_FIELDS = [
  "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options: nosniff',
  'Referrer-Policy: no-referrer',
  'Cache-Control: no-store',
];

const STYLE = {
  markup: `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid #8884}
.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.8em}td{overflow-wrap:anywhere}`,
};

const LINKS = html`<p><a href="/">contents</a> · <a href="/stats?format=html">figures</a> · <a href="/torrents">.torrent files</a> · <a href="/metrics">metrics</a></p>`;

export function htmlPage(title: string, content: readonly Html[]): HttpResponse {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${STYLE}</style></head>
<body><h1>${title}</h1>
${content}
${LINKS}</body></html>
`;
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    body: Buffer.from(page.markup),
    fields: HTML_FIELDS,
  };
}

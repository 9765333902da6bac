import { HTTP_PAGE_AGE_MS, MAX_CONTENTS_ON_PAGE } from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';
import { isPublicAddress } from '../../platform/public-address.ts';
import { PROMETHEUS_TEXT, prometheusText } from '../observe/prometheus.ts';
import { type ServiceFigures, trackerMetrics } from '../observe/tracker-metrics.ts';
import type { TrackedContent, TrackerStats } from '../tracker-server-api.ts';
import type { HttpAnswers } from './http-answers.ts';
import type { HttpRequest } from './http-request.ts';
import { type HttpResponse, PLAIN_TEXT, statusResponse } from './http-response.ts';
import { contentsPage } from './pages/contents-page.ts';
import { prefersHtml } from './pages/prefers-html.ts';
import { statsJson, statsPage } from './pages/stats-page.ts';
import { type HandedOutTorrents, torrentFile, torrentsPage } from './pages/torrents-page.ts';

/** What the pages show. */
export interface PageSources {
  stats(): TrackerStats;
  /** Those with the most peers first. */
  contents(most: number): readonly TrackedContent[];
  torrents(): HandedOutTorrents;
}

export interface HttpRouterOptions {
  readonly answers: HttpAnswers;
  readonly sources: PageSources;
  readonly service: () => ServiceFigures;
  readonly clock: Clock;
}

const TORRENTS = '/torrents/';

/** A path in, its response out. */
export class HttpRouter {
  readonly #options: HttpRouterOptions;
  /** Pages of the last second: to make one takes milliseconds where much is tracked. By page and form. */
  readonly #recent = new Map<string, { readonly madeAt: number; readonly response: HttpResponse }>();

  constructor(options: HttpRouterOptions) {
    this.#options = options;
  }

  /** `from`: the address that it came from. */
  route(request: HttpRequest, from: string): HttpResponse {
    const { answers } = this.#options;
    switch (request.path) {
      case '/announce':
        return bencoded(answers.announce(request.query, from));
      case '/scrape':
        return bencoded(answers.scrape(request.query, from));
      default:
        return this.#page(request, from);
    }
  }

  #page(request: HttpRequest, from: string): HttpResponse {
    const { answers, sources } = this.#options;
    const { path } = request;
    if (!answers.serves(from)) return this.#refuse('not private');
    if (path.startsWith(TORRENTS) && path !== TORRENTS) {
      const file = torrentFile(sources.torrents(), path.slice(TORRENTS.length));
      if (file === undefined) return this.#refuse('unknown path');
      answers.counts.pages++;
      return file;
    }
    const make = this.#overview(request);
    if (make === undefined) return this.#refuse('unknown path');
    // What is tracked here is the business of who is near, even where the whole world may announce.
    if (isPublicAddress(from)) return this.#refuse('not private');
    answers.counts.pages++;
    return this.#remembered(make.name, make.page);
  }

  #overview({ path, query, accept }: HttpRequest): NamedPage | undefined {
    const { sources, service } = this.#options;
    switch (path) {
      case '/':
        return {
          name: path,
          page: () => contentsPage(sources.stats(), sources.contents(MAX_CONTENTS_ON_PAGE)),
        };
      case '/stats':
        return wantsHtml(query, accept)
          ? { name: 'stats for people', page: () => statsPage(sources.stats()) }
          : {
              name: 'stats for programs',
              page: () => statsJson(sources.stats(), sources.contents(MAX_CONTENTS_ON_PAGE)),
            };
      case '/metrics':
        return { name: path, page: () => metricsPage(sources.stats(), service()) };
      case '/torrents':
      case TORRENTS:
        return { name: TORRENTS, page: () => torrentsPage(sources.torrents()) };
      default:
        return undefined;
    }
  }

  #remembered(name: string, make: () => HttpResponse): HttpResponse {
    const now = this.#options.clock.now();
    const recent = this.#recent.get(name);
    if (recent !== undefined && now - recent.madeAt < HTTP_PAGE_AGE_MS) return recent.response;
    const response = make();
    this.#recent.set(name, { madeAt: now, response });
    return response;
  }

  #refuse(reason: 'not private' | 'unknown path'): HttpResponse {
    this.#options.answers.counts.refused[reason]++;
    return statusResponse(reason === 'not private' ? 403 : 404);
  }
}

interface NamedPage {
  readonly name: string;
  readonly page: () => HttpResponse;
}

/** Clients show a failure reason only where the status is 200. */
function bencoded(body: Uint8Array): HttpResponse {
  return { status: 200, contentType: PLAIN_TEXT, body };
}

function wantsHtml(query: string, accept: string | undefined): boolean {
  const format = /(?:^|&)format=(html|json)(?:&|$)/.exec(query)?.[1];
  return format === undefined ? prefersHtml(accept) : format === 'html';
}

function metricsPage(stats: TrackerStats, service: ServiceFigures): HttpResponse {
  const text = prometheusText(trackerMetrics(stats, service));
  return {
    status: 200,
    contentType: PROMETHEUS_TEXT,
    body: Buffer.from(text),
    fields: ['Cache-Control: no-store'],
  };
}

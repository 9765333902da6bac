import { createHash } from 'node:crypto';
import { asLanshareError } from '../../errors.ts';
import { type PeerId, peerIdFromBytes } from '../../holdings/holding.ts';
import { MAX_WEB_SEED_PIECES, WEB_SEED_REQUESTS_AT_ONCE } from '../../limits.ts';
import type { Metainfo, PieceIndex } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { HttpGet } from '../../platform/http-client.ts';
import { HttpConnections } from '../../platform/http-connections.ts';
import type { Logger } from '../../platform/logger.ts';
import { Layout } from '../../storage/layout.ts';
import { ProtocolError, type RefusalReason } from '../../wire/lan/message.ts';
import type { Introduction, Welcome } from '../link-setup.ts';
import type { LinkClosed, LinkHandler, PeerLink } from '../peer-link.ts';
import { fetchRange } from './fetch-range.ts';
import { type PieceRange, PieceRequest } from './piece-request.ts';
import { RangeLength } from './range-length.ts';

export interface WebSeedOptions {
  /** HTTP or HTTPS (BEP 19). */
  readonly url: string;
  readonly metainfo: Metainfo;
  readonly httpGet: HttpGet;
  readonly clock: Clock;
  readonly logger: Logger;
  /** As for any other link. The port that is introduced is 0: no peer listens there. */
  welcome(link: PeerLink, introduction: Introduction): Welcome;
  /** It was not welcomed. */
  onFailed(reason: LinkClosed): void;
}

/** Makes a link of a web seed. Nothing is sent before a piece is asked for. */
export function openWebSeed(options: WebSeedOptions): void {
  const link = new WebSeedLink(options);
  const { infoHash } = options.metainfo;
  const welcome = options.welcome(link, { infoHash, peerId: link.peerId, port: 0, second: false });
  if (welcome.kind === 'refused')
    return options.onFailed({ by: 'us', reason: welcome.reason, text: welcome.text });
  link.open(welcome);
}

type Phase =
  | { readonly name: 'unwelcomed' }
  | { readonly name: 'open'; readonly handler: LinkHandler }
  | { readonly name: 'closed' };

/**
 * A plain HTTP server that has the whole content, as a peer that never chokes, wants nothing and can be asked for
 * pieces (BEP 19). A piece is asked for in ranges, each of one file, several at once; the first wrong answer ends the
 * link.
 */
class WebSeedLink implements PeerLink {
  readonly dialect = 'web seed';
  readonly dialed = true;
  readonly remote: Endpoint;
  /** Not known: each request may go out another way. */
  readonly local: Endpoint = { host: '', port: 0 };
  readonly peerId: PeerId;
  readonly maxRequests = MAX_WEB_SEED_PIECES;
  readonly metainfoSize = undefined;
  readonly givesHashes = false;
  readonly queuedUploads = 0;
  readonly readsNothing = false;
  readonly #options: WebSeedOptions;
  readonly #layout: Layout;
  readonly #connections = new HttpConnections();
  readonly #end = new AbortController();
  readonly #rangeLength = new RangeLength();
  /** In the order of asking. */
  readonly #requests = new Map<PieceIndex, PieceRequest>();
  #running = 0;
  #paused = false;
  #phase: Phase = { name: 'unwelcomed' };

  constructor(options: WebSeedOptions) {
    this.#options = options;
    this.#layout = new Layout(options.metainfo);
    this.remote = endpointOf(options.url);
    this.peerId = peerIdFromBytes(createHash('sha1').update(`web seed ${options.url}`).digest());
  }

  open({ handler, opened }: Extract<Welcome, { kind: 'accepted' }>): void {
    this.#phase = { name: 'open', handler };
    this.#log('link open');
    opened();
    // Each of them may be answered by the end of the link.
    for (const tell of [() => handler.onHaveAll(), () => handler.onUnchoke()]) {
      this.#tell(() => {
        if (this.#phase.name === 'open') tell();
      });
    }
  }

  // ---- what the transfer does with the link ----------------------------------------------------------

  request(index: PieceIndex): void {
    if (this.#phase.name !== 'open' || this.#requests.has(index)) return;
    this.#requests.set(index, new PieceRequest(index, this.#options.metainfo, this.#layout));
    this.#fill();
  }

  /** What has begun is finished, as by any other peer. */
  cancel(index: PieceIndex): void {
    if (this.#requests.get(index)?.begun !== false) return;
    this.#requests.delete(index);
    // The answer of a peer comes later, too: the transfer is in the middle of something.
    queueMicrotask(() => {
      if (this.#phase.name === 'open') this.#phase.handler.onReject(index);
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#fill();
  }

  close(reason: RefusalReason, text: string = reason): void {
    this.#ended({ by: 'us', reason, text });
  }

  drop(text: string): void {
    this.#ended({ by: 'network', text });
  }

  // What a web server has no use for.
  serve(): void {}
  bitfield(): void {}
  have(): void {}
  choke(): void {}
  unchoke(): void {}
  interested(): void {}
  notInterested(): void {}
  offerMetainfo(): void {}
  requestMetainfo(): void {}
  requestHashes(): void {}
  exchangePeers(): void {}

  // ---- ranges ------------------------------------------------------------------------------------------

  #fill(): void {
    while (this.#phase.name === 'open' && !this.#paused && this.#running < WEB_SEED_REQUESTS_AT_ONCE) {
      const next = this.#nextRange();
      if (next === undefined) return;
      this.#running++;
      void this.#fetch(next.request, next.range);
    }
  }

  /** Of the piece that was asked for first: it is whole the sooner. */
  #nextRange(): { readonly request: PieceRequest; readonly range: PieceRange } | undefined {
    for (const request of this.#requests.values()) {
      const range = request.next(this.#options.url, this.#rangeLength.value);
      if (range !== undefined) return { request, range };
    }
    return undefined;
  }

  async #fetch(request: PieceRequest, range: PieceRange): Promise<void> {
    const { httpGet, clock } = this.#options;
    const startedAt = clock.now();
    let bytes: Uint8Array;
    try {
      const { signal } = this.#end;
      bytes = await fetchRange(range, { httpGet, signal, connections: this.#connections });
    } catch (error) {
      return this.drop(asLanshareError(error).message);
    }
    this.#running--;
    this.#rangeLength.took(bytes.length, clock.now() - startedAt);
    if (this.#phase.name === 'open') this.#arrived(this.#phase.handler, request, range.start, bytes);
    this.#fill();
  }

  #arrived(handler: LinkHandler, request: PieceRequest, start: number, bytes: Uint8Array): void {
    // Another range of it has told already that it is not needed.
    if (this.#requests.get(request.index) !== request) return;
    this.#tell(() => {
      request.content ??= this.#begin(handler, request);
      if (request.content === undefined) return;
      request.put(start, bytes);
      handler.onReceived(bytes.length);
      if (!request.complete || this.#phase.name !== 'open') return;
      this.#requests.delete(request.index);
      handler.onPiece({ index: request.index, content: request.content, sentCrc32: undefined });
    });
  }

  /** The buffer for the piece; undefined where it is not needed any more. */
  #begin(handler: LinkHandler, request: PieceRequest): Uint8Array | undefined {
    const content = handler.takePiece(request.index, request.size);
    if (content === undefined) this.#requests.delete(request.index);
    // The buffer has been used before, and padding does not come.
    else if (request.padded) content.fill(0);
    return content;
  }

  // ---- the end -----------------------------------------------------------------------------------------

  /** What the transfer makes of it may break its rules. */
  #tell(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.close(error.reason, error.message);
    }
  }

  #ended(closed: LinkClosed): void {
    const phase = this.#phase;
    if (phase.name !== 'open') return;
    this.#phase = { name: 'closed' };
    this.#log(`link closed: ${closed.text}`);
    this.#end.abort();
    this.#connections.close();
    for (const { content } of this.#requests.values())
      if (content !== undefined) phase.handler.releasePiece(content);
    this.#requests.clear();
    // As with a connection: who closes it hears of its end later.
    queueMicrotask(() => phase.handler.onClosed(closed));
  }

  #log(message: string): void {
    this.#options.logger.info({ remote: formatEndpoint(this.remote) }, message);
  }
}

function endpointOf(url: string): Endpoint {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

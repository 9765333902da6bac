import { lookup } from 'node:dns/promises';
import {
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { LanshareError, systemErrorCode } from '../errors.ts';
import { MAX_HTTP_REDIRECTS } from '../limits.ts';
import { unmapAddress } from './endpoint.ts';
import { readHttpBody } from './http-body.ts';
import type { HttpConnections } from './http-connections.ts';
import { httpError } from './http-error.ts';
import { isPublicAddress } from './public-address.ts';

export interface HttpGetOptions {
  readonly signal: AbortSignal;
  /** Of the body, as sent and as inflated. */
  readonly maxBytes: number;
  /** For everything: looking up, connecting, redirects, the last byte of the body. */
  readonly timeoutMs: number;
  /** Sent to every server on the way. `accept-encoding` may name gzip and deflate; default `identity`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** IP version to connect by; kept `connections` must all be of it. Default: any that the host has. */
  readonly family?: 4 | 6;
  /** The addresses of a name. Default: as the system finds them. */
  resolve?(host: string): Promise<readonly string[]>;
  /** Connections that are kept for the next request. Default: a new one each time. */
  readonly connections?: Pick<HttpConnections, 'agentFor'>;
  /** Why `url`, the first or one on the way, must not be asked at this address of its host; a sentence. */
  refuse?(url: URL, address: string): string | undefined;
}

/** An answer, whatever its status but a redirect. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Inflated where it was sent as gzip or deflate. */
  readonly body: Uint8Array;
  /** The address that gave it; undefined where the connection was gone before that could be read. */
  readonly address?: string | undefined;
}

export type HttpGet = (url: string, options: HttpGetOptions) => Promise<HttpAnswer>;

/**
 * GET over HTTP or HTTPS, within limits. Redirects are followed, MAX_HTTP_REDIRECTS at most; one that comes from a
 * public address must not lead to one that is not, so that nobody on the Internet has us ask the router or another
 * program on this machine. What a name means is looked up once a step, and the address that was checked is the one
 * that is connected to.
 *
 * Rejects with NETWORK and a sentence; with the signal's reason where that aborts.
 */
export const httpGet: HttpGet = createHttpGet(isPublicAddress);

/** For tests: with another idea of what is a public address. */
export function createHttpGet(isPublic: (address: string) => boolean): HttpGet {
  return async (url, options) => {
    const { signal, timeoutMs } = options;
    signal.throwIfAborted();
    const end = new AbortController();
    const stop = (): void => end.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const timer = setTimeout(() => end.abort(timedOut(url, timeoutMs)), timeoutMs);
    try {
      return await follow(url, { ...options, signal: end.signal, isPublic });
    } catch (error) {
      // Whatever broke when the time was up broke because of that.
      throw end.signal.aborted ? end.signal.reason : httpError(error, hostOf(url));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  };
}

interface Journey extends HttpGetOptions {
  isPublic(address: string): boolean;
}

function timedOut(url: string, timeoutMs: number): LanshareError {
  const seconds = Math.round(timeoutMs / 100) / 10;
  return new LanshareError('NETWORK', `${hostOf(url)} did not answer within ${seconds} seconds`);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** Where a step may lead: after a public address only to another. */
type Reach = 'anywhere' | 'public only';

async function follow(first: string, options: Journey): Promise<HttpAnswer> {
  let url = parse(first);
  let reach: Reach = 'anywhere';
  for (let redirects = 0; redirects <= MAX_HTTP_REDIRECTS; redirects++) {
    const response = await ask(url, reach, options);
    const from = response.socket.remoteAddress;
    try {
      const next = redirectOf(response, url);
      if (next === undefined) {
        const body = await readHttpBody(response, options.maxBytes);
        return { status: response.statusCode ?? 0, headers: response.headers, body, address: from };
      }
      // Where it is not known any more, the stricter is assumed.
      if (from === undefined || options.isPublic(unmapAddress(from))) reach = 'public only';
      url = next;
    } finally {
      // With its body read, a response has left its connection to the next request already.
      if (!response.readableEnded) response.destroy();
    }
  }
  throw new LanshareError('NETWORK', `${hostOf(first)} redirects more than ${MAX_HTTP_REDIRECTS} times`);
}

function parse(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new LanshareError('NETWORK', `${base?.host ?? text} leads to an address that is not HTTP`);
  return url;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (!REDIRECTS.has(statusCode) || headers.location === undefined) return undefined;
  return parse(headers.location, from);
}

async function ask(url: URL, reach: Reach, options: Journey): Promise<IncomingMessage> {
  const addresses = await reachable(url, reach, options);
  // A kept connection goes to what the name meant at some time: not for a step that has to be checked.
  const kept = reach === 'anywhere' ? options.connections?.agentFor(url) : undefined;
  try {
    return await send(url, addresses, kept ?? false, options);
  } catch (error) {
    if (!(error instanceof KeptConnectionLost)) throw error;
    return await send(url, addresses, false, options);
  }
}

/** The server closed a kept connection just when it was to be used again (RFC 9112 section 9.3.1: ask again). */
class KeptConnectionLost extends Error {}

function send(
  url: URL,
  addresses: readonly Address[],
  agent: Agent | false,
  { signal, headers }: Journey,
): Promise<IncomingMessage> {
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    signal,
    agent,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'lanshare', ...headers },
    lookup: pinned(addresses),
  });
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // Also after the answer has begun: there the body tells.
    request.on('error', (error) => {
      const lost = request.reusedSocket && systemErrorCode(error) === 'ECONNRESET';
      reject(lost ? new KeptConnectionLost() : error);
    });
    request.end();
  });
}

interface Address {
  readonly address: string;
  readonly family: number;
}

/** The addresses of the host that may be connected to. Rejects where there is none, or one is refused. */
async function reachable(url: URL, reach: Reach, options: Journey): Promise<readonly Address[]> {
  const { isPublic, refuse, family } = options;
  const found = await addressesOf(url.hostname.replace(/^\[(.*)\]$/, '$1'), options);
  const all = found.filter((one) => family === undefined || one.family === family);
  if (all.length === 0)
    throw new LanshareError('NETWORK', `${url.host} has no ${family === 6 ? 'IPv6' : 'IPv4'} address`);
  const inReach = reach === 'anywhere' ? all : all.filter(({ address }) => isPublic(address));
  if (inReach.length === 0)
    throw new LanshareError('NETWORK', `a public server redirects to ${url.host}, which is not public`);
  for (const { address } of inReach) {
    const refusal = refuse?.(url, address);
    if (refusal !== undefined) throw new LanshareError('NETWORK', refusal);
  }
  return inReach;
}

async function addressesOf(
  host: string,
  { signal, resolve: lookUp = bySystem }: Journey,
): Promise<readonly Address[]> {
  if (isIP(host) !== 0) return [addressed(host)];
  // A look-up cannot be stopped, but need not be waited for.
  return await new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    lookUp(host)
      .then((found) => resolve(found.map(addressed)), reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

async function bySystem(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function addressed(address: string): Address {
  return { address, family: isIP(address) };
}

function pinned(addresses: readonly Address[]): LookupFunction {
  return (_host, { all }, found) => {
    const [first] = addresses;
    if (all === true) found(null, [...addresses]);
    else found(null, first?.address ?? '', first?.family);
  };
}

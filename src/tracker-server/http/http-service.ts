import {
  HTTP_TIMEOUT_CHECK_MS,
  MAX_HTTP_CONNECTIONS,
  MAX_HTTP_CONNECTIONS_PER_ADDRESS,
  SPARE_OPEN_FILES,
} from '../../limits.ts';
import { type Clock, repeat, systemClock } from '../../platform/clock.ts';
import { type Logger, silentLogger } from '../../platform/logger.ts';
import { openLoopDelay } from '../../platform/loop-delay.ts';
import type { Connection, Network } from '../../platform/network.ts';
import { openFileLimit } from '../../platform/open-file-limit.ts';
import { tcpNetwork } from '../../platform/tcp-network.ts';
import type { HttpAnswers } from './http-answers.ts';
import { type HttpClientLimits, HttpClients } from './http-clients.ts';
import type { HttpCounts } from './http-counts.ts';
import { HttpExchange } from './http-exchange.ts';
import { HttpRouter, type PageSources } from './http-router.ts';

export interface HttpServiceOptions {
  /** 0 takes any that is free. */
  readonly port: number;
  /** The address to listen on. Default: all, IPv4 and IPv6. */
  readonly host?: string | undefined;
  readonly answers: HttpAnswers;
  readonly sources: PageSources;
  readonly limits?: HttpClientLimits;
  readonly clock?: Clock;
  readonly network?: Pick<Network, 'listen'>;
  readonly logger?: Logger;
}

export interface HttpService {
  readonly port: number;
  /** Those that are open. */
  readonly connections: number;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/**
 * Where the system allows fewer sockets, it refuses those that come, whoever they are; so it is for us to cut before, and
 * to choose whom.
 */
export function httpClientLimits(openFiles = openFileLimit()): HttpClientLimits {
  const room = (openFiles ?? Number.POSITIVE_INFINITY) - SPARE_OPEN_FILES;
  return {
    connections: Math.max(1, Math.min(MAX_HTTP_CONNECTIONS, room)),
    connectionsPerAddress: MAX_HTTP_CONNECTIONS_PER_ADDRESS,
  };
}

/**
 * The TCP side of a tracker: announcements, scrapes and pages. It reads HTTP itself: node:http takes twice as long for
 * a request, and cannot be told to cut the connection that is idle longest. Rejects with PORT_IN_USE or NETWORK.
 */
export async function openHttpService(options: HttpServiceOptions): Promise<HttpService> {
  const {
    port,
    host,
    answers,
    limits = httpClientLimits(),
    clock = systemClock,
    network = tcpNetwork,
  } = options;
  const { logger = silentLogger } = options;
  const { counts } = answers;
  const clients = new HttpClients<HttpExchange>(limits);
  const loopDelay = openLoopDelay();
  const router = new HttpRouter({
    ...options,
    clock,
    service: () => ({
      openConnections: clients.count,
      acceptedConnections: counts.connections,
      pages: counts.pages,
      loopDelaySeconds: loopDelay.take(),
    }),
  });

  const accept = (connection: Connection): void => {
    const { host: address } = connection.remote;
    const client: HttpExchange = new HttpExchange({
      connection,
      now: () => clock.now(),
      answer: (request) => router.route(request, address),
      onFault: ({ status }) => {
        counts.refused['bad HTTP']++;
        logger.debug({ address, status }, 'refused an HTTP request');
      },
      onClose: () => clients.remove(client),
    });
    counts.connections++;
    const cut = clients.add(client);
    if (cut !== undefined) counts.refused['too many connections']++;
    cut?.destroy();
    client.open();
  };

  const listener = await network.listen(port, accept, host).catch((error: unknown) => {
    loopDelay.close();
    throw error;
  });
  const timeouts = repeat(clock, HTTP_TIMEOUT_CHECK_MS, () => cutLate(clients, clock.now(), counts));
  return {
    port: listener.port,
    get connections() {
      return clients.count;
    },
    async close() {
      timeouts.cancel();
      loopDelay.close();
      const closed = listener.close();
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}

/** A connection that is idle has done nothing wrong; one that is slow within a request or an answer counts. */
function cutLate(clients: HttpClients<HttpExchange>, nowMs: number, counts: HttpCounts): void {
  for (const client of clients) {
    const lateness = client.lateness(nowMs);
    if (lateness === undefined) continue;
    if (lateness === 'slow') counts.refused['too slow']++;
    client.destroy();
  }
}

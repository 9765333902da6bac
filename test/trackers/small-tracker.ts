import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import type { AnnounceRequest } from '../../src/wire/tracker/announce.ts';
import { encodeHttpAnnounceAnswer } from '../../src/wire/tracker/http-announce-answer.ts';
import { decodeAnnounceQuery, decodeScrapeQuery } from '../../src/wire/tracker/http-query.ts';
import { encodeHttpScrapeAnswer } from '../../src/wire/tracker/http-scrape-answer.ts';
import type { UdpTrackerRequest, UdpTrackerResponse } from '../../src/wire/tracker/udp-tracker-message.ts';
import { decodeUdpTrackerRequest, encodeUdpTrackerResponse } from './udp-tracker-side.ts';

/** A real tracker on loopback that forgets nobody until it says `stopped`. */
export interface SmallTracker {
  readonly url: string;
  /** What it was told, in order. */
  readonly heard: AnnounceRequest[];
  /** Ports that were asked from. */
  readonly connections: ReadonlySet<number>;
  close(): Promise<void>;
}

export interface SmallTrackerOptions {
  readonly host?: string;
  /** HTTP only: leaves seeders and leechers to the scrape. */
  readonly countsInScrapeOnly?: boolean;
}

/** All contents, by info-hash. */
class Swarms {
  readonly heard: AnnounceRequest[] = [];
  readonly #swarms = new Map<InfoHash, Swarm>();

  announce(request: AnnounceRequest, host: string): Swarm {
    this.heard.push(request);
    const swarm = this.of(request.infoHash);
    swarm.announce(request, host);
    return swarm;
  }

  of(infoHash: InfoHash): Swarm {
    const swarm = this.#swarms.get(infoHash) ?? new Swarm();
    this.#swarms.set(infoHash, swarm);
    return swarm;
  }
}

/** Who takes part, by key. */
class Swarm {
  readonly #peers = new Map<number, { readonly endpoint: Endpoint; readonly left: number }>();

  announce(request: AnnounceRequest, host: string): void {
    if (request.event === 'stopped') this.#peers.delete(request.key);
    else this.#peers.set(request.key, { endpoint: { host, port: request.port }, left: request.left });
  }

  get peers(): readonly Endpoint[] {
    return [...this.#peers.values()].map(({ endpoint }) => endpoint);
  }

  get counts() {
    const seeders = [...this.#peers.values()].filter(({ left }) => left === 0).length;
    return { seeders, completed: 0, leechers: this.#peers.size - seeders };
  }
}

export async function httpTracker(options: SmallTrackerOptions = {}): Promise<SmallTracker> {
  const { host = '127.0.0.1', countsInScrapeOnly = false } = options;
  const swarms = new Swarms();
  const connections = new Set<number>();
  const server = createServer((request, response) => {
    connections.add(request.socket.remotePort ?? 0);
    const [path, query = ''] = (request.url ?? '').split('?');
    if (path === '/scrape') {
      const contents = decodeScrapeQuery(query).map((infoHash) => ({
        infoHash,
        ...swarms.of(infoHash).counts,
      }));
      response.end(encodeHttpScrapeAnswer({ type: 'scraped', contents }));
      return;
    }
    const announced = decodeAnnounceQuery(query);
    const swarm = swarms.announce(announced, request.socket.remoteAddress ?? '');
    const { seeders, leechers } = swarm.counts;
    const answer = encodeHttpAnnounceAnswer(
      {
        type: 'announced',
        intervalSeconds: 600,
        minIntervalSeconds: undefined,
        seeders: countsInScrapeOnly ? undefined : seeders,
        leechers: countsInScrapeOnly ? undefined : leechers,
        peers: swarm.peers,
        warning: undefined,
        trackerId: 'id %1',
      },
      announced.compact,
    );
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/announce`,
    heard: swarms.heard,
    connections,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function udpTracker({ host = '127.0.0.1' }: SmallTrackerOptions = {}): Promise<SmallTracker> {
  const swarms = new Swarms();
  const connections = new Set<number>();
  const family = host.includes(':') ? 'IPv6' : 'IPv4';
  const socket = createSocket(family === 'IPv4' ? 'udp4' : 'udp6');
  const connectionId = Uint8Array.from({ length: 8 }, () => Math.floor(Math.random() * 256));
  socket.on('message', (bytes, from) => {
    connections.add(from.port);
    const request = decodeUdpTrackerRequest(bytes);
    socket.send(encodeUdpTrackerResponse(answerTo(request, from.address), family), from.port, from.address);
  });
  const answerTo = (request: UdpTrackerRequest, from: string): UdpTrackerResponse => {
    const { transactionId } = request;
    if (request.type === 'connect') return { type: 'connected', transactionId, connectionId };
    if (Buffer.compare(request.connectionId, connectionId) !== 0)
      return { type: 'error', transactionId, message: 'who are you?' };
    if (request.type === 'scrape')
      return {
        type: 'scraped',
        transactionId,
        contents: request.infoHashes.map((infoHash) => swarms.of(infoHash).counts),
      };
    const swarm = swarms.announce(request.request, from);
    const { seeders, leechers } = swarm.counts;
    return { type: 'announced', transactionId, intervalSeconds: 600, seeders, leechers, peers: swarm.peers };
  };
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return {
    url: `udp://${host.includes(':') ? `[${host}]` : host}:${socket.address().port}/announce`,
    heard: swarms.heard,
    connections,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

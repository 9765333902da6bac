import type { DatagramHandlers, DatagramNetwork } from '../../src/platform/datagram.ts';
import { type Endpoint, formatEndpoint } from '../../src/platform/endpoint.ts';
import type { UdpTrackerRequest, UdpTrackerResponse } from '../../src/wire/tracker/udp-tracker-message.ts';
import { decodeUdpTrackerRequest, encodeUdpTrackerResponse } from './udp-tracker-side.ts';

export interface Asked {
  readonly at: number;
  readonly to: string;
  readonly request: UdpTrackerRequest;
}

/** UDP to trackers that are functions: what is asked is noted, and `answer` says what comes back at once. */
export class FakeUdp implements DatagramNetwork {
  readonly asked: Asked[] = [];
  readonly names = new Map<string, readonly string[]>();
  openSockets = 0;
  answer: (request: UdpTrackerRequest, to: Endpoint) => UdpTrackerResponse | Error | undefined = () =>
    undefined;
  readonly #now: () => number;
  #handlers: DatagramHandlers | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  async open(options: Parameters<DatagramNetwork['open']>[0], handlers: DatagramHandlers) {
    this.openSockets++;
    this.#handlers = handlers;
    return {
      local: { host: options.address, port: 1_000 },
      send: (bytes: Uint8Array, to: Endpoint) => this.#receive(bytes, to),
      join: () => {},
      leave: () => {},
      close: async () => {
        this.openSockets--;
      },
    };
  }

  async resolve(host: string): Promise<readonly string[]> {
    const addresses = this.names.get(host) ?? (/[a-z]/.test(host) ? undefined : [host]);
    if (addresses === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return addresses;
  }

  /** A datagram out of nowhere. */
  deliver(response: UdpTrackerResponse, from: Endpoint): void {
    const family = from.host.includes(':') ? 'IPv6' : 'IPv4';
    this.#handlers?.onDatagram(encodeUdpTrackerResponse(response, family), from);
  }

  #receive(bytes: Uint8Array, to: Endpoint): void {
    const request = decodeUdpTrackerRequest(bytes);
    this.asked.push({ at: this.#now(), to: formatEndpoint(to), request });
    const answer = this.answer(request, to);
    if (answer instanceof Error) this.#handlers?.onError(answer, to);
    else if (answer !== undefined) this.deliver(answer, to);
  }
}

/** Answers everything as a good tracker does, and gives one peer. */
export function goodTracker(request: UdpTrackerRequest): UdpTrackerResponse {
  const { transactionId } = request;
  switch (request.type) {
    case 'connect':
      return { type: 'connected', transactionId, connectionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    case 'announce': {
      const peers = [{ host: '10.0.0.9', port: 6_881 }];
      return { type: 'announced', transactionId, intervalSeconds: 900, leechers: 1, seeders: 2, peers };
    }
    case 'scrape': {
      const counts = { seeders: 1, completed: 2, leechers: 3 };
      return { type: 'scraped', transactionId, contents: request.infoHashes.map(() => counts) };
    }
  }
}

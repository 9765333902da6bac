import { systemErrorCode } from '../errors.ts';
import type { DatagramNetwork, DatagramSocket } from '../platform/datagram.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { Random } from '../platform/random.ts';
import type { AddressFamily } from '../wire/tracker/compact-peers.ts';
import { decodeUdpTrackerResponse } from '../wire/tracker/decode-udp-tracker.ts';
import { encodeUdpTrackerRequest } from '../wire/tracker/encode-udp-tracker.ts';
import { TrackerFault } from '../wire/tracker/tracker-fault.ts';
import {
  RESPONSE_HEADER_BYTES,
  type UdpTrackerRequest,
  type UdpTrackerResponse,
} from '../wire/tracker/udp-tracker-message.ts';

/** One transaction of BEP 15: a request that may be sent several times, and its answer, however late. */
export interface UdpQuestion {
  readonly transactionId: number;
  /** Rejects with TrackerFault where it cannot be sent, or the answer is none. */
  readonly answer: Promise<UdpTrackerResponse>;
  send(request: UdpTrackerRequest): Promise<void>;
  /** Answers are not waited for any more. */
  end(): void;
}

interface Pending {
  readonly to: Endpoint;
  readonly family: AddressFamily;
  resolve(response: UdpTrackerResponse): void;
  reject(fault: TrackerFault): void;
}

/** The UDP sockets that trackers are asked on, one a family, opened when first needed. */
export class UdpQuestions {
  readonly #datagrams: DatagramNetwork;
  readonly #random: Random;
  readonly #sockets = new Map<AddressFamily, Promise<DatagramSocket>>();
  readonly #pending = new Map<number, Pending>();
  #closed = false;

  constructor(datagrams: DatagramNetwork, random: Random) {
    this.#datagrams = datagrams;
    this.#random = random;
  }

  /** `to.host` is an address, in its canonical form. */
  open(to: Endpoint): UdpQuestion {
    const family = to.host.includes(':') ? 'IPv6' : 'IPv4';
    const transactionId = this.#newTransactionId();
    const answer = new Promise<UdpTrackerResponse>((resolve, reject) => {
      this.#pending.set(transactionId, { to, family, resolve, reject });
    });
    // Nobody may be waiting when it comes.
    answer.catch(() => {});
    return {
      transactionId,
      answer,
      send: async (request) => {
        const bytes = encodeUdpTrackerRequest(request);
        try {
          (await this.#socket(family)).send(bytes, to);
        } catch (error) {
          this.#fail(transactionId, error);
        }
      },
      end: () => this.#pending.delete(transactionId),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pending.clear();
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    for (const socket of await Promise.allSettled(sockets))
      if (socket.status === 'fulfilled') await socket.value.close();
  }

  /** 32 bits at random: who does not see our datagrams cannot answer in the tracker's name. */
  #newTransactionId(): number {
    for (;;) {
      const id = Buffer.from(this.#random.bytes(4)).readUInt32BE();
      if (!this.#pending.has(id)) return id;
    }
  }

  #socket(family: AddressFamily): Promise<DatagramSocket> {
    const open = this.#sockets.get(family);
    if (open !== undefined) return open;
    if (this.#closed) return Promise.reject(new Error('closed'));
    const address = family === 'IPv4' ? '0.0.0.0' : '::';
    const socket = this.#datagrams.open(
      { family, address, port: 0, shared: false },
      {
        onDatagram: (bytes, from) => this.#receive(bytes, from),
        onError: (error, to) => this.#failAllTo(to, error),
      },
    );
    this.#sockets.set(family, socket);
    // The next question tries again.
    socket.catch(() => this.#sockets.delete(family));
    return socket;
  }

  /** Nothing but an answer from where the question went counts. */
  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (bytes.length < RESPONSE_HEADER_BYTES) return;
    const transactionId = Buffer.from(bytes.subarray(4, RESPONSE_HEADER_BYTES)).readUInt32BE();
    const pending = this.#pending.get(transactionId);
    if (pending === undefined || formatEndpoint(from) !== formatEndpoint(pending.to)) return;
    try {
      pending.resolve(decodeUdpTrackerResponse(bytes, pending.family));
    } catch (error) {
      if (!(error instanceof TrackerFault)) throw error;
      pending.reject(error);
    }
  }

  #failAllTo(to: Endpoint | undefined, error: Error): void {
    if (to === undefined) return;
    for (const [transactionId, pending] of this.#pending)
      if (formatEndpoint(pending.to) === formatEndpoint(to)) this.#fail(transactionId, error);
  }

  #fail(transactionId: number, error: unknown): void {
    const pending = this.#pending.get(transactionId);
    if (pending === undefined) return;
    const reason = systemErrorCode(error) ?? String(error);
    pending.reject(new TrackerFault(`${formatEndpoint(pending.to)} cannot be reached: ${reason}`));
  }
}

import { LanshareError } from '../../src/errors.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../src/platform/endpoint.ts';
import type { Connection, ConnectionHandlers, Listener, Network } from '../../src/platform/network.ts';
import { type Random, randomInteger } from '../../src/platform/random.ts';

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly latencyMs?: number;
  /** What one host can send, over all its connections. */
  readonly uplinkBytesPerSecond?: number;
}

/** Hosts in memory: connections with latency and uplinks with a rate, under a virtual clock. */
export class MemoryNetwork {
  readonly #options: Required<MemoryNetworkOptions>;
  readonly #listeners = new Map<string, (connection: Connection) => void>();
  readonly #connections = new Set<MemoryConnection>();
  readonly #silent = new Set<string>();
  #ports = 50_000;

  constructor(options: MemoryNetworkOptions) {
    this.#options = { latencyMs: 0.2, uplinkBytesPerSecond: 100_000_000, ...options };
  }

  /** The network as the host with this address sees it. */
  host(address: string, uplinkBytesPerSecond = this.#options.uplinkBytesPerSecond): Network {
    const uplink = { freeAt: 0, bytesPerSecond: uplinkBytesPerSecond };
    return {
      dial: (endpoint, signal) => this.#dial(address, uplink, endpoint, signal),
      listen: async (port, onConnection) => this.#listen(address, uplink, port, onConnection),
    };
  }

  /** All connections of the host end as if its process had died: the other side sees a reset. */
  kill(address: string): void {
    for (const connection of [...this.#connections])
      if (connection.local.host === address) connection.destroy();
    for (const key of this.#listeners.keys()) if (key.startsWith(`${address}:`)) this.#listeners.delete(key);
  }

  /** Nothing the host sends arrives any more, and nobody is told: a pulled plug. */
  silence(address: string, silent = true): void {
    if (silent) this.#silent.add(address);
    else this.#silent.delete(address);
  }

  isSilent(address: string): boolean {
    return this.#silent.has(address);
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  readonly #uplinks = new Map<string, Uplink>();

  async #listen(
    address: string,
    uplink: Uplink,
    port: number,
    onConnection: (connection: Connection) => void,
  ): Promise<Listener> {
    const chosen = port === 0 ? this.#ports++ : port;
    const key = `${address}:${chosen}`;
    if (this.#listeners.has(key)) throw new LanshareError('PORT_IN_USE', `port ${chosen} is in use`);
    this.#listeners.set(key, onConnection);
    this.#uplinks.set(key, uplink);
    return { port: chosen, close: async () => void this.#listeners.delete(key) };
  }

  async #dial(address: string, uplink: Uplink, endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
    const { clock, latencyMs } = this.#options;
    await new Promise<void>((resolve) => clock.setTimer(2 * latencyMs, resolve));
    signal.throwIfAborted();
    // What is said to a silent host, or by it, is lost: there is no answer to the first packet.
    if (this.isSilent(address) || this.isSilent(endpoint.host))
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
    const key = formatEndpoint(endpoint);
    const accept = this.#listeners.get(key);
    const theirs = this.#uplinks.get(key);
    if (accept === undefined || theirs === undefined) throw new Error('ECONNREFUSED');
    const local = { host: address, port: this.#ports++ };
    const here = new MemoryConnection(this.#options, this, uplink, local, endpoint, this.#connections);
    const there = new MemoryConnection(this.#options, this, theirs, endpoint, local, this.#connections);
    here.join(there);
    there.join(here);
    accept(there);
    return here;
  }
}

interface Uplink {
  freeAt: number;
  readonly bytesPerSecond: number;
}

class MemoryConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly #options: Required<MemoryNetworkOptions>;
  readonly #network: MemoryNetwork;
  readonly #uplink: Uplink;
  readonly #all: Set<MemoryConnection>;
  #other: MemoryConnection | undefined;
  #handlers: ConnectionHandlers | undefined;
  #arrived: Uint8Array[] = [];
  #paused = false;
  #closed = false;
  #ending = false;
  #halfClosing = false;
  #endSaid = false;
  #endArrived = false;
  #unsent = 0;

  constructor(
    options: Required<MemoryNetworkOptions>,
    network: MemoryNetwork,
    uplink: Uplink,
    local: Endpoint,
    remote: Endpoint,
    all: Set<MemoryConnection>,
  ) {
    this.#options = options;
    this.#network = network;
    this.#uplink = uplink;
    this.local = local;
    this.remote = remote;
    this.#all = all;
    all.add(this);
  }

  join(other: MemoryConnection): void {
    this.#other = other;
  }

  open(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#closed) queueMicrotask(() => handlers.onClose('ECONNRESET'));
    else this.#flow();
  }

  write(chunks: readonly Uint8Array[], sent?: () => void): void {
    const { clock, latencyMs } = this.#options;
    if (this.#closed || this.#ending) return queueMicrotask(() => sent?.());
    // The chunks are used again once `sent` was called, and they travel longer than that.
    const bytes = Buffer.concat(chunks);
    this.#unsent += bytes.length;
    const startsAt = Math.max(clock.now(), this.#uplink.freeAt);
    this.#uplink.freeAt = startsAt + (bytes.length * 1000) / this.#uplink.bytesPerSecond;
    clock.setTimer(this.#uplink.freeAt - clock.now(), () => {
      this.#unsent -= bytes.length;
      sent?.();
      clock.setTimer(latencyMs, () => {
        if (!this.#network.isSilent(this.local.host)) this.#other?.arrive(bytes);
      });
      if (this.#ending && this.#unsent === 0) this.#sayEnd();
    });
  }

  arrive(bytes: Uint8Array): void {
    // TCP keeps no borders: each write arrives in two parts, cut anywhere.
    const cut = randomInteger(this.#options.random, bytes.length + 1);
    this.#arrived.push(bytes.subarray(0, cut), bytes.subarray(cut));
    this.#flow();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
  }

  shutdown(): void {
    this.#halfClosing = true;
    this.end();
  }

  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    if (this.#unsent === 0) this.#sayEnd();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#close('ECONNABORTED');
    this.#options.clock.setTimer(this.#options.latencyMs, () => {
      if (!this.#network.isSilent(this.local.host)) this.#other?.resetArrived();
    });
  }

  resetArrived(): void {
    this.#close('ECONNRESET');
  }

  endArrived(): void {
    this.#endArrived = true;
    this.#flow();
  }

  #sayEnd(): void {
    this.#options.clock.setTimer(2 * this.#options.latencyMs, () => {
      this.#endSaid = true;
      this.#other?.endArrived();
      if (!this.#halfClosing || this.#endArrived) this.#close(undefined);
    });
  }

  #flow(): void {
    while (this.#handlers !== undefined && !this.#paused && !this.#closed) {
      const chunk = this.#arrived.shift();
      if (chunk === undefined) break;
      if (chunk.length === 0) continue;
      const place = randomInteger(this.#options.random, 2) === 0 ? this.#handlers.receiveInto?.() : undefined;
      if (place === undefined) {
        this.#handlers.onData(chunk);
        continue;
      }
      const fitting = Math.min(place.length, chunk.length);
      place.set(chunk.subarray(0, fitting));
      this.#arrived.unshift(chunk.subarray(fitting));
      this.#handlers.onData(place.subarray(0, fitting));
    }
    if (this.#endArrived && this.#arrived.length === 0) this.#otherHasEnded();
  }

  get isHalfClosed(): boolean {
    return this.#halfClosing && !this.#closed;
  }

  /** Who is still read from by the other side sends what is queued before it ends, too. */
  #otherHasEnded(): void {
    if (this.#other?.isHalfClosed === true && !this.#endSaid) this.end();
    else this.#close(undefined);
  }

  #close(error: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#all.delete(this);
    queueMicrotask(() => this.#handlers?.onClose(error));
  }
}

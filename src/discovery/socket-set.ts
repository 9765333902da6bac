import { systemErrorCode } from '../errors.ts';
import { SEND_PROBLEM_MEMORY_MS, SOCKET_RETRY_MS } from '../limits.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { DatagramNetwork, DatagramOptions, DatagramSocket } from '../platform/datagram.ts';
import type { Endpoint } from '../platform/endpoint.ts';

/** A socket that the interfaces of the moment call for. */
export interface WantedSocket {
  /** Names it; a socket stays open as long as its key is wanted. */
  readonly key: string;
  /** Where it serves, for messages: `eth0`. */
  readonly where: string;
  readonly options: DatagramOptions;
  /** Take any port where somebody else has this one. */
  readonly orAnyPort?: boolean;
  readonly memberships?: readonly Membership[];
}

export interface Membership {
  readonly group: string;
  /** As `DatagramSocket.join` takes it. */
  readonly on: string;
  readonly where: string;
  /** Tells a new interface from an old one of the same name and address. */
  readonly identity: string;
}

interface OpenSocket {
  readonly wanted: WantedSocket;
  readonly socket: DatagramSocket;
  readonly joined: Map<string, Membership>;
}

export interface SocketSetOptions {
  readonly datagrams: DatagramNetwork;
  readonly clock: Clock;
  receive(bytes: Uint8Array, from: Endpoint, key: string): void;
}

/**
 * Keeps the wanted sockets open, as interfaces come and go. What cannot be opened or joined is told by
 * `problems` and tried again (an IPv6 address, for one, cannot be used in its first second: RFC 4862
 * section 5.4); it is never thrown.
 */
export class SocketSet {
  readonly #options: SocketSetOptions;
  readonly #open = new Map<string, OpenSocket>();
  #problems: ReadonlyMap<string, string> = new Map();
  /** Those of the work under way. */
  #found = new Map<string, string>();
  readonly #sendProblems = new Map<string, { readonly text: string; readonly at: number }>();
  #wanted: readonly WantedSocket[] = [];
  #work: Promise<void> = Promise.resolve();
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: SocketSetOptions) {
    this.#options = options;
  }

  /** Opens what is missing, all at once, and closes what is no longer wanted. Resolves when that is done. */
  adapt(wanted: readonly WantedSocket[]): Promise<void> {
    this.#wanted = wanted;
    this.#work = this.#work.then(() => this.#reconcile());
    return this.#work;
  }

  get(key: string): DatagramSocket | undefined {
    return this.#open.get(key)?.socket;
  }

  problems(): readonly string[] {
    const since = this.#options.clock.now() - SEND_PROBLEM_MEMORY_MS;
    const sending = [...this.#sendProblems.values()].filter(({ at }) => at >= since).map(({ text }) => text);
    return [...new Set([...this.#problems.values(), ...sending])];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    await this.#work;
    await Promise.all([...this.#open.values()].map(({ socket }) => socket.close()));
    this.#open.clear();
  }

  async #reconcile(): Promise<void> {
    if (this.#closed) return;
    const wanted = this.#wanted;
    this.#found = new Map();
    await this.#closeUnwanted(new Set(wanted.map(({ key }) => key)));
    await Promise.all(wanted.map((one) => this.#provide(one)));
    this.#problems = this.#found;
    this.#retryIfNeeded();
  }

  async #closeUnwanted(keys: ReadonlySet<string>): Promise<void> {
    const unwanted = [...this.#open].filter(([key]) => !keys.has(key));
    for (const [key] of unwanted) {
      this.#open.delete(key);
      this.#sendProblems.delete(key);
    }
    await Promise.all(unwanted.map(([, { socket }]) => socket.close()));
  }

  async #provide(wanted: WantedSocket): Promise<void> {
    const open = this.#open.get(wanted.key) ?? (await this.#openSocket(wanted));
    if (open !== undefined) this.#adaptMemberships(open, wanted.memberships ?? []);
  }

  async #openSocket(wanted: WantedSocket): Promise<OpenSocket | undefined> {
    try {
      const socket = await this.#bind(wanted);
      const open: OpenSocket = { wanted, socket, joined: new Map() };
      this.#open.set(wanted.key, open);
      return open;
    } catch (error) {
      this.#found.set(wanted.key, `cannot listen on ${wanted.where}: ${reason(error)}`);
      return undefined;
    }
  }

  async #bind(wanted: WantedSocket): Promise<DatagramSocket> {
    const { datagrams, receive } = this.#options;
    const handlers = {
      onDatagram: (bytes: Uint8Array, from: Endpoint) => receive(bytes, from, wanted.key),
      onError: (error: Error, to: Endpoint | undefined) => this.#noteSendProblem(wanted, error, to),
    };
    try {
      return await datagrams.open(wanted.options, handlers);
    } catch (error) {
      if (wanted.orAnyPort !== true || systemErrorCode(error) !== 'EADDRINUSE') throw error;
      return await datagrams.open({ ...wanted.options, port: 0 }, handlers);
    }
  }

  #noteSendProblem({ key, where }: WantedSocket, error: Error, to: Endpoint | undefined): void {
    const text = `cannot send on ${where}${to === undefined ? '' : ` to ${to.host}`}: ${reason(error)}`;
    this.#sendProblems.set(key, { text, at: this.#options.clock.now() });
  }

  /** Leaves first: a membership that the system still has by another address must not be lost. */
  #adaptMemberships({ wanted, socket, joined }: OpenSocket, memberships: readonly Membership[]): void {
    const identities = new Set(memberships.map(({ identity }) => identity));
    for (const [identity, { group, on }] of joined) {
      if (identities.has(identity)) continue;
      socket.leave(group, on);
      joined.delete(identity);
    }
    for (const membership of memberships) {
      if (joined.has(membership.identity)) continue;
      try {
        socket.join(membership.group, membership.on);
        joined.set(membership.identity, membership);
      } catch (error) {
        const text = `cannot hear multicast on ${membership.where}: ${reason(error)}`;
        this.#found.set(`${wanted.key} ${membership.identity}`, text);
      }
    }
  }

  #retryIfNeeded(): void {
    this.#retry?.cancel();
    if (this.#problems.size === 0 || this.#closed) return;
    this.#retry = this.#options.clock.setTimer(SOCKET_RETRY_MS, () => void this.adapt(this.#wanted));
  }
}

function reason(error: unknown): string {
  return systemErrorCode(error) ?? (error instanceof Error ? error.message : String(error));
}

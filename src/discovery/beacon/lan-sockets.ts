import { BEACON_PORT, MAX_INTERFACES_USED } from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import {
  describeInterface,
  type InterfaceSource,
  type InterfaceWatcher,
  type NetworkInterface,
  selectInterfaces,
  watchInterfaces,
} from '../../platform/interfaces.ts';
import { SocketSet } from '../socket-set.ts';
import { OWN_IPV4, OWN_IPV6, type Sender, senders, wantedSockets } from './socket-plan.ts';

export interface LanSocketsOptions {
  readonly datagrams: DatagramNetwork;
  readonly interfaceSource: InterfaceSource;
  readonly clock: Clock;
  /** The node's TCP port; its UDP socket takes the same number where it is free. */
  readonly port: number;
  /** Names of the interfaces to use; all, up to MAX_INTERFACES_USED, where there are none. */
  readonly interfaceNames: readonly string[];
  receive(bytes: Uint8Array, from: Endpoint): void;
  /** There is an address that was not there before, and its sockets are open. */
  onNewAddress(): void;
}

/**
 * The UDP of a node, on every interface at once:
 *  - its own socket a family, on the node's port: unicast in, and unicast out;
 *  - the group port, shared with other nodes on this machine: multicast and broadcast in;
 *  - a socket for each address multicast goes out from. It has a port of its own, because an answer to a port
 *    that several processes share would reach only one of them.
 */
export class LanSockets {
  readonly #options: LanSocketsOptions;
  readonly #sockets: SocketSet;
  readonly #watcher: InterfaceWatcher;
  #interfaces: readonly NetworkInterface[] = [];
  #senders: readonly (readonly Sender[])[] = [];
  #leftOut: readonly NetworkInterface[] = [];

  /** Rejects with NO_USABLE_INTERFACE where a named interface does not exist; other faults are `problems`. */
  static async open(options: LanSocketsOptions): Promise<LanSockets> {
    const all = options.interfaceSource();
    selectInterfaces(all, options.interfaceNames);
    const sockets = new LanSockets(options);
    await sockets.#use(all);
    return sockets;
  }

  private constructor(options: LanSocketsOptions) {
    this.#options = options;
    this.#sockets = new SocketSet(options);
    this.#watcher = watchInterfaces(options.clock, (all) => void this.#follow(all), options.interfaceSource);
  }

  get interfaces(): readonly NetworkInterface[] {
    return this.#interfaces;
  }

  /** How many datagrams one `sendToLan` puts on the busiest LAN. */
  get copiesPerLan(): number {
    const copies = this.#senders.map((ofOne) => ofOne.reduce((sum, { to }) => sum + to.length, 0));
    return Math.max(1, ...copies);
  }

  /** By multicast and broadcast, on every interface. */
  sendToLan(datagrams: readonly Uint8Array[]): void {
    for (const { key, to } of this.#senders.flat()) {
      const socket = this.#sockets.get(key);
      if (socket === undefined) continue;
      for (const host of to) for (const bytes of datagrams) socket.send(bytes, { host, port: BEACON_PORT });
    }
  }

  /** By unicast, from the node's own socket. */
  sendTo(datagrams: readonly Uint8Array[], to: Endpoint): void {
    const socket = this.#sockets.get(to.host.includes(':') ? OWN_IPV6 : OWN_IPV4);
    for (const bytes of datagrams) socket?.send(bytes, to);
  }

  /** `eth0 (10.77.0.2, fd77::2)`: the interfaces something can be sent on. */
  describe(): readonly string[] {
    return this.#interfaces
      .filter((_, at) => this.#senders[at]?.some(({ key }) => this.#sockets.get(key) !== undefined))
      .map(describeInterface);
  }

  problems(): readonly string[] {
    const problems = [...this.#sockets.problems()];
    const { port } = this.#options;
    const own = [OWN_IPV4, OWN_IPV6].flatMap((key) => this.#sockets.get(key) ?? []);
    if (own.some(({ local }) => local.port !== port))
      problems.push(
        `UDP port ${port} is taken by another program, so --peer on other machines finds no beacon here`,
      );
    if (this.#interfaces.length === 0) problems.push('no network interface has an address');
    if (this.#leftOut.length > 0) {
      const names = this.#leftOut.map(({ name }) => name).join(', ');
      problems.push(`${names} left out: only ${MAX_INTERFACES_USED} interfaces are used`);
    }
    return problems;
  }

  async close(): Promise<void> {
    this.#watcher.cancel();
    await this.#sockets.close();
  }

  async #follow(all: readonly NetworkInterface[]): Promise<void> {
    const before = new Set(this.#interfaces.map(describeInterface));
    await this.#use(all);
    const isNew = this.#interfaces.some((one) => !before.has(describeInterface(one)));
    if (isNew) this.#options.onNewAddress();
  }

  async #use(all: readonly NetworkInterface[]): Promise<void> {
    const { interfaceNames, port } = this.#options;
    const chosen =
      interfaceNames.length === 0 ? all : all.filter(({ name }) => interfaceNames.includes(name));
    this.#interfaces = chosen.slice(0, MAX_INTERFACES_USED);
    this.#senders = this.#interfaces.map(senders);
    this.#leftOut = chosen.slice(MAX_INTERFACES_USED);
    await this.#sockets.adapt(wantedSockets(this.#interfaces, port));
  }
}

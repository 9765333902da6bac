import { BEACON_PORT } from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { describeInterface, type NetworkInterface } from '../../platform/interfaces.ts';
import { ChosenInterfaces, type ChosenInterfacesOptions } from '../chosen-interfaces.ts';
import { SocketSet } from '../socket-set.ts';
import { OWN_IPV4, OWN_IPV6, ownSockets, type Sender, senders, wantedSockets } from './socket-plan.ts';

export interface LanSocketsOptions extends Omit<ChosenInterfacesOptions, 'adapt'> {
  readonly datagrams: DatagramNetwork;
  readonly clock: Clock;
  /** Whether to use multicast and broadcast; without them only unicast is sent and heard. */
  readonly groups: boolean;
  /** The node's TCP port; its UDP socket takes the same number where it is free. */
  readonly port: number;
  receive(bytes: Uint8Array, from: Endpoint): void;
}

/**
 * The UDP of a node, on every interface at once:
 *  - its own socket a family, on the node's port: unicast in, and unicast out;
 *  - the group port, shared with other nodes on this machine: multicast and broadcast in;
 *  - a socket for each address multicast goes out from. It has a port of its own, because an answer to a port
 *    that several processes share would reach only one of them.
 */
export class LanSockets {
  readonly #groups: boolean;
  readonly #port: number;
  readonly #sockets: SocketSet;
  #interfaces: readonly NetworkInterface[] = [];
  /** What to send from, by interface. */
  #senders: ReadonlyMap<NetworkInterface, readonly Sender[]> = new Map();
  #chosen: ChosenInterfaces | undefined;

  /** Rejects with NO_USABLE_INTERFACE where a named interface does not exist; other faults are `problems`. */
  static async open(options: LanSocketsOptions): Promise<LanSockets> {
    const sockets = new LanSockets(options);
    const adapt = (interfaces: readonly NetworkInterface[]): Promise<void> => sockets.#adapt(interfaces);
    sockets.#chosen = await ChosenInterfaces.open({ ...options, adapt });
    return sockets;
  }

  private constructor(options: LanSocketsOptions) {
    this.#groups = options.groups;
    this.#port = options.port;
    this.#sockets = new SocketSet(options);
  }

  get interfaces(): Iterable<NetworkInterface> {
    return this.#interfaces;
  }

  /** How many datagrams one `sendToLan` puts on the busiest LAN. */
  get copiesPerLan(): number {
    const copies = [...this.#senders.values()].map((ofOne) =>
      ofOne.reduce((sum, { to }) => sum + to.length, 0),
    );
    return Math.max(1, ...copies);
  }

  /** By multicast and broadcast, on every interface. */
  sendToLan(datagrams: readonly Uint8Array[]): void {
    for (const { key, to } of [...this.#senders.values()].flat()) {
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
    return [...this.#senders]
      .filter(([, ofOne]) => ofOne.some(({ key }) => this.#sockets.get(key) !== undefined))
      .map(([one]) => describeInterface(one));
  }

  problems(): readonly string[] {
    return [...this.#sockets.problems(), ...this.#portProblems(), ...(this.#chosen?.problems() ?? [])];
  }

  /** The node's port, where another program has it for UDP: who names this node with --peer asks that program. */
  get takenPort(): number | undefined {
    const own = [OWN_IPV4, OWN_IPV6].flatMap((key) => this.#sockets.get(key) ?? []);
    return own.every(({ local }) => local.port === this.#port) ? undefined : this.#port;
  }

  async close(): Promise<void> {
    this.#chosen?.close();
    await this.#sockets.close();
  }

  async #adapt(interfaces: readonly NetworkInterface[]): Promise<void> {
    this.#interfaces = interfaces;
    this.#senders = new Map(this.#groups ? interfaces.map((one) => [one, senders(one)]) : []);
    await this.#sockets.adapt(
      this.#groups ? wantedSockets(interfaces, this.#port) : ownSockets(interfaces, this.#port),
    );
  }

  #portProblems(): readonly string[] {
    const { takenPort } = this;
    return takenPort === undefined ? [] : [`UDP port ${takenPort} is taken by another program`];
  }
}

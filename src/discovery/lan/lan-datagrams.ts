import type { Clock } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { type InterfaceSource, type NetworkInterface, systemInterfaces } from '../../platform/interfaces.ts';
import { systemDatagrams } from '../../platform/system-datagram.ts';
import { isBroadcast, isLocalAddress, linkOf } from '../local-address.ts';
import { GivenPeers } from './given-peers.ts';
import { LanSockets } from './lan-sockets.ts';

export interface LanDatagramsOptions {
  /** The node's TCP port; its UDP socket takes the same number where it is free. */
  readonly port: number;
  readonly clock: Clock;
  /** Names of interfaces. Default: all. */
  readonly interfaces?: readonly string[] | undefined;
  /** Nodes that the user named. */
  readonly peers: readonly Endpoint[];
  /** Whether to use multicast and broadcast. Default: true. */
  readonly groups?: boolean;
  /** For tests: other than the machine's. */
  readonly datagrams?: DatagramNetwork;
  readonly interfaceSource?: InterfaceSource;
}

/** One protocol among those that share the node's UDP. */
export interface DatagramUser {
  /** By its first bytes: every datagram goes to the first user that takes it. */
  takes(bytes: Uint8Array): boolean;
  /** The bytes belong to the receiver. */
  receive(bytes: Uint8Array, from: Endpoint): void;
  /** We have an address that was not there before, or a peer that the user named has been found. */
  onNewWay(): void;
}

/** The node's UDP on every interface, shared by the protocols that are spoken there. */
export class LanDatagrams {
  readonly #users = new Set<DatagramUser>();
  readonly #givenPeers: GivenPeers;
  readonly #datagrams: DatagramNetwork;
  /** Only the named interfaces are used. */
  readonly #restricted: boolean;
  #sockets: LanSockets | undefined;

  /** Resolves when the sockets are bound. Rejects with NO_USABLE_INTERFACE where a named interface does not exist. */
  static async open(options: LanDatagramsOptions): Promise<LanDatagrams> {
    const lan = new LanDatagrams(options);
    try {
      await lan.#open(options);
    } catch (error) {
      await lan.close();
      throw error;
    }
    return lan;
  }

  private constructor({ peers, clock, interfaces = [], datagrams = systemDatagrams }: LanDatagramsOptions) {
    this.#restricted = interfaces.length > 0;
    this.#datagrams = datagrams;
    this.#givenPeers = new GivenPeers(peers, datagrams, clock, () => this.#newWay());
  }

  /** Returns how to end it; the last one to end closes the sockets. */
  use(user: DatagramUser): () => Promise<void> {
    this.#users.add(user);
    return async () => {
      if (this.#users.delete(user) && this.#users.size === 0) await this.close();
    };
  }

  get interfaces(): Iterable<NetworkInterface> {
    return this.#sockets?.interfaces ?? [];
  }

  /** How many datagrams one `sendToLan` puts on the busiest LAN. */
  get copiesPerLan(): number {
    return this.#sockets?.copiesPerLan ?? 1;
  }

  /** By multicast and broadcast, on every interface. */
  sendToLan(datagrams: readonly Uint8Array[]): void {
    this.#sockets?.sendToLan(datagrams);
  }

  /** By unicast, from the node's own socket. */
  sendTo(datagrams: readonly Uint8Array[], to: Endpoint): void {
    this.#sockets?.sendTo(datagrams, to);
  }

  /** Where the peers are that the user named, as far as their names have been looked up. */
  givenPeers(): readonly Endpoint[] {
    return this.#givenPeers.endpoints();
  }

  /** Whether the address is on this LAN; where interfaces were named, on the link of one of them. */
  isLocal(host: string): boolean {
    return this.#restricted
      ? linkOf(host, this.interfaces) !== undefined
      : isLocalAddress(host, this.interfaces);
  }

  /** Neither on this LAN nor named by the user. */
  isStranger(host: string): boolean {
    return !this.isLocal(host) && !this.#givenPeers.includes(host);
  }

  /** Whether it is one host, and no stranger: nobody else is sent to because somebody named an address to us. */
  isOneNearby(host: string): boolean {
    return !this.isStranger(host) && !isBroadcast(host, this.interfaces);
  }

  /** The addresses of a host. Rejects with the system's error. */
  resolve(host: string): Promise<readonly string[]> {
    return this.#datagrams.resolve(host);
  }

  /** `eth0 (10.77.0.2, fd77::2)`: the interfaces that multicast goes out on. */
  describe(): readonly string[] {
    return this.#sockets?.describe() ?? [];
  }

  problems(): readonly string[] {
    return [...(this.#sockets?.problems() ?? []), ...this.#givenPeers.problems()];
  }

  /** The node's port, where another program has it for UDP. */
  get takenPort(): number | undefined {
    return this.#sockets?.takenPort;
  }

  async close(): Promise<void> {
    this.#givenPeers.close();
    await this.#sockets?.close();
  }

  async #open(options: LanDatagramsOptions): Promise<void> {
    const { datagrams = systemDatagrams, interfaceSource = systemInterfaces } = options;
    const { clock, port, interfaces = [], groups = true } = options;
    this.#sockets = await LanSockets.open({
      datagrams,
      interfaceSource,
      clock,
      port,
      groups,
      interfaceNames: interfaces,
      receive: (bytes, from) => this.#receive(bytes, from),
      onNewAddress: () => this.#newWay(),
    });
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    for (const user of this.#users) if (user.takes(bytes)) return user.receive(bytes, from);
  }

  #newWay(): void {
    for (const user of this.#users) user.onNewWay();
  }
}

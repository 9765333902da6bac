import type { GossipDatagrams } from '../../discovery/gossip/gossip-discovery.ts';
import type { DatagramUser } from '../../discovery/lan/lan-datagrams.ts';
import { isBroadcast, isLocalAddress } from '../../discovery/local-address.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import {
  type InterfaceSource,
  type InterfaceWatcher,
  type NetworkInterface,
  watchInterfaces,
} from '../../platform/interfaces.ts';

export interface TrackerDatagramsOptions {
  readonly clock: Clock;
  readonly interfaceSource: InterfaceSource;
  send(bytes: Uint8Array, to: Endpoint): void;
}

/** A tracker's UDP port, as lanshare's own protocols use it: for this LAN only, whoever the tracker serves. */
export class TrackerDatagrams implements GossipDatagrams {
  readonly #options: TrackerDatagramsOptions;
  readonly #watcher: InterfaceWatcher;
  #interfaces: readonly NetworkInterface[];
  readonly #users = new Set<DatagramUser>();

  constructor(options: TrackerDatagramsOptions) {
    const { clock, interfaceSource } = options;
    this.#options = options;
    this.#interfaces = interfaceSource();
    this.#watcher = watchInterfaces(clock, (interfaces) => this.#follow(interfaces), interfaceSource);
  }

  get interfaces(): Iterable<NetworkInterface> {
    return this.#interfaces;
  }

  use(user: DatagramUser): () => Promise<void> {
    this.#users.add(user);
    return async () => {
      if (this.#users.delete(user) && this.#users.size === 0) this.#watcher.cancel();
    };
  }

  /** Whether the datagram was one of its users'. */
  receive(bytes: Uint8Array, from: Endpoint): boolean {
    for (const user of this.#users) {
      if (!user.takes(bytes)) continue;
      user.receive(bytes, from);
      return true;
    }
    return false;
  }

  sendTo(datagrams: readonly Uint8Array[], to: Endpoint): void {
    for (const bytes of datagrams) this.#options.send(bytes, to);
  }

  isStranger(host: string): boolean {
    return !isLocalAddress(host, this.#interfaces);
  }

  isOneNearby(host: string): boolean {
    return !this.isStranger(host) && !isBroadcast(host, this.#interfaces);
  }

  givenPeers(): readonly Endpoint[] {
    return [];
  }

  describe(): readonly string[] {
    return [];
  }

  /** A tracker looks for nobody. */
  async resolve(): Promise<readonly string[]> {
    return [];
  }

  #follow(interfaces: readonly NetworkInterface[]): void {
    this.#interfaces = interfaces;
    for (const user of this.#users) user.onNewWay();
  }
}

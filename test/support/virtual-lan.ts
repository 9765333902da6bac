import { linkOf } from '../../src/discovery/local-address.ts';
import type {
  DatagramHandlers,
  DatagramNetwork,
  DatagramOptions,
  DatagramSocket,
} from '../../src/platform/datagram.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { type NetworkInterface, readInterfaces } from '../../src/platform/interfaces.ts';
import type { Random } from '../../src/platform/random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What travelled, for tests that count or look. */
export interface Sent {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** UDP of many hosts in one process, under a virtual clock: links, multicast, broadcast, loss, delay, muting. */
export class VirtualLan {
  readonly clock: VirtualClock;
  readonly #random: Random;
  readonly #hosts: VirtualHost[] = [];
  /** Part of the datagrams that get lost on the way, in [0, 1]. */
  loss = 0;
  delayMs = 0.2;
  /** Every datagram handed to the network, lost or not; loopback not. */
  readonly sent: Sent[] = [];

  constructor(clock: VirtualClock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  /**
   * A host with `addresses` like `10.77.0.2/24`, `fe80::2/64` by interface name; and a loopback interface. Unicast
   * to other networks leaves by `defaultRoute`, and reaches what is on its link.
   */
  host(addresses: Readonly<Record<string, readonly string[]>>, defaultRoute?: string): VirtualHost {
    const host = new VirtualHost(this, addresses, defaultRoute);
    this.#hosts.push(host);
    return host;
  }

  carry(from: VirtualSocket, bytes: Uint8Array, to: Endpoint): void {
    const out = from.outInterface(to.host);
    if (out === undefined) {
      this.clock.setTimer(0, () => from.fail(systemError('ENETUNREACH'), to));
      return;
    }
    const copy = Uint8Array.from(bytes);
    const source = { host: from.sourceAddress(out), port: from.local.port };
    const loopback = out.kind === 'loopback';
    if (!loopback) this.sent.push({ from: source, to, bytes: copy, at: this.clock.now() });
    if (isMany(to.host) && from.host.muted && !loopback) return;
    const receivers = loopback ? [from.host] : this.#hosts.filter((host) => host.isOn(out.name));
    const reached = receivers.filter((host) => host === from.host || this.#arrives(host, to));
    const sockets = reached.flatMap((host) => host.receivers(to, out.name));
    this.clock.setTimer(this.delayMs, () => {
      for (const socket of sockets) socket.receive(Uint8Array.from(copy), source);
    });
  }

  #arrives(host: VirtualHost, to: Endpoint): boolean {
    return !(isMany(to.host) && host.muted) && this.#random.next() >= this.loss;
  }
}

export class VirtualHost implements DatagramNetwork {
  readonly #lan: VirtualLan;
  readonly #sockets: VirtualSocket[] = [];
  /** What its resolver knows: host name to address. */
  readonly names = new Map<string, string>();
  #nextPort = 50_000;
  #interfaces: readonly NetworkInterface[] = [];
  /** Multicast and broadcast neither leave nor reach it. */
  muted = false;
  readonly defaultRoute: string | undefined;

  constructor(
    lan: VirtualLan,
    addresses: Readonly<Record<string, readonly string[]>>,
    defaultRoute: string | undefined,
  ) {
    this.#lan = lan;
    this.defaultRoute = defaultRoute;
    this.setAddresses(addresses);
  }

  /** Interfaces of the same name are on the same link. */
  setAddresses(addresses: Readonly<Record<string, readonly string[]>>): void {
    const all = Object.entries({ lo: ['127.0.0.1/8', '::1/128'], ...addresses });
    this.#interfaces = readInterfaces(Object.fromEntries(all.map(([name, own]) => [name, own.map(info)])));
  }

  readonly interfaces = (): readonly NetworkInterface[] => this.#interfaces;

  get openSockets(): number {
    return this.#sockets.length;
  }

  isOn(interfaceName: string): boolean {
    return this.interfaces().some(({ name }) => name === interfaceName);
  }

  open(options: DatagramOptions, handlers: DatagramHandlers): Promise<DatagramSocket> {
    const inUse = this.#sockets.some((other) => options.port !== 0 && other.conflictsWith(options));
    if (inUse) return Promise.reject(systemError('EADDRINUSE'));
    if (!this.#canBind(options.address)) return Promise.reject(systemError('EADDRNOTAVAIL'));
    const port = options.port === 0 ? this.#nextPort++ : options.port;
    const socket = new VirtualSocket(this.#lan, this, options, port, handlers, () => {
      this.#sockets.splice(this.#sockets.indexOf(socket), 1);
    });
    this.#sockets.push(socket);
    return Promise.resolve(socket);
  }

  resolve(host: string): Promise<readonly string[]> {
    if (/^[\d.]+$/.test(host) || host.includes(':')) return Promise.resolve([host]);
    const address = this.names.get(host);
    return address === undefined ? Promise.reject(systemError('ENOTFOUND')) : Promise.resolve([address]);
  }

  /** Sockets that a datagram to this address, on this link, reaches. */
  receivers(to: Endpoint, link: string): readonly VirtualSocket[] {
    const here = this.interfaces().find(({ name }) => name === link);
    if (here === undefined) return [];
    if (isMulticast(to.host)) return this.#sockets.filter((socket) => socket.hearsGroup(to, link));
    if (here.addresses.some((own) => own.family === 'IPv4' && own.broadcast === to.host))
      return this.#sockets.filter((socket) => socket.hearsBroadcast(to));
    if (!here.addresses.some(({ address }) => address === unscoped(to.host))) return [];
    return this.#sockets.filter((socket) => socket.hearsUnicast(to)).slice(-1);
  }

  #canBind(address: string): boolean {
    const own = this.#interfaces.flatMap(({ addresses }) => addresses.map((one) => one.address));
    return isAny(address) || isMany(address) || own.includes(unscoped(address));
  }

  isMember(group: string, link: string): boolean {
    return this.#sockets.some((socket) => socket.isMember(group, link));
  }
}

export class VirtualSocket implements DatagramSocket {
  readonly #lan: VirtualLan;
  readonly host: VirtualHost;
  readonly #options: DatagramOptions;
  readonly #handlers: DatagramHandlers;
  readonly #onClose: () => void;
  /** Group and interface name. */
  readonly #groups = new Set<string>();
  readonly local: Endpoint;
  #closed = false;

  constructor(
    lan: VirtualLan,
    host: VirtualHost,
    options: DatagramOptions,
    port: number,
    handlers: DatagramHandlers,
    onClose: () => void,
  ) {
    this.#lan = lan;
    this.host = host;
    this.#options = options;
    this.#handlers = handlers;
    this.#onClose = onClose;
    this.local = { host: options.address, port };
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    if (!this.#closed) this.#lan.carry(this, bytes, to);
  }

  join(group: string, membership: string): void {
    const link = this.#interfaceOf(membership);
    if (link === undefined) throw systemError('ENODEV');
    this.#groups.add(`${group} ${link.name}`);
  }

  leave(group: string, membership: string): void {
    this.#groups.delete(`${group} ${this.#interfaceOf(membership)?.name}`);
  }

  close(): Promise<void> {
    if (!this.#closed) this.#onClose();
    this.#closed = true;
    return Promise.resolve();
  }

  receive(bytes: Uint8Array, from: Endpoint): void {
    if (!this.#closed) this.#handlers.onDatagram(bytes, from);
  }

  fail(error: Error, to: Endpoint): void {
    if (!this.#closed) this.#handlers.onError(error, to);
  }

  conflictsWith({ family, address, port, shared }: DatagramOptions): boolean {
    if (this.local.port !== port || this.#options.family !== family) return false;
    if (shared && this.#options.shared) return false;
    return this.#bindsAny || isAny(address) || address === this.local.host;
  }

  hearsGroup({ host: group, port }: Endpoint, link: string): boolean {
    const bound = this.#bindsAny || this.local.host === group;
    const hears = this.#familyOf(group) && this.local.port === port && bound;
    // As on Linux: a membership of any socket of the host is enough.
    return hears && this.host.isMember(unscoped(group), link);
  }

  hearsBroadcast({ host, port }: Endpoint): boolean {
    if (this.#options.family !== 'IPv4' || this.local.port !== port) return false;
    return this.#bindsAny || this.local.host === host;
  }

  hearsUnicast({ host, port }: Endpoint): boolean {
    if (!this.#familyOf(host) || this.local.port !== port) return false;
    return this.#bindsAny || unscoped(this.local.host) === unscoped(host);
  }

  isMember(group: string, link: string): boolean {
    return this.#groups.has(`${group} ${link}`);
  }

  /** The interface a datagram to this address leaves by. */
  outInterface(to: string): NetworkInterface | undefined {
    if (isMulticast(to) && !to.includes('%'))
      return this.#interfaceOf(this.#options.multicastInterface ?? '');
    const interfaces = this.host.interfaces();
    return linkOf(to, interfaces) ?? interfaces.find(({ name }) => name === this.host.defaultRoute);
  }

  sourceAddress({ name, addresses }: NetworkInterface): string {
    if (!this.#bindsAny && !isMulticast(this.local.host)) return this.local.host;
    const own = addresses.find(({ family }) => family === this.#options.family)?.address ?? '';
    return own.startsWith('fe80') ? `${own}%${name}` : own;
  }

  #interfaceOf(membership: string): NetworkInterface | undefined {
    const scope = membership.split('%')[1];
    return this.host
      .interfaces()
      .find(({ name, addresses }) =>
        scope === undefined ? addresses.some(({ address }) => address === membership) : name === scope,
      );
  }

  get #bindsAny(): boolean {
    return isAny(this.#options.address);
  }

  #familyOf(address: string): boolean {
    return address.includes(':') === (this.#options.family === 'IPv6');
  }
}

function info(
  cidr: string,
): Parameters<typeof readInterfaces>[0][string] extends (infer Info)[] | undefined ? Info : never {
  const [address = ''] = cidr.split('/');
  const common = { address, netmask: '', mac: '', internal: isLoop(address), cidr };
  return address.includes(':')
    ? { ...common, family: 'IPv6', scopeid: address.startsWith('fe80') ? 1 : 0 }
    : { ...common, family: 'IPv4' };
}

function isLoop(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isMulticast(address: string): boolean {
  return address.startsWith('ff') || /^2(2[4-9]|3\d)\./.test(address);
}

function isMany(address: string): boolean {
  return isMulticast(address) || address.endsWith('.255');
}

function unscoped(address: string): string {
  return address.split('%')[0] ?? '';
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

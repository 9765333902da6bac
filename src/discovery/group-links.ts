import type { DatagramNetwork } from '../platform/datagram.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import { describeInterface, type NetworkInterface } from '../platform/interfaces.ts';
import { ChosenInterfaces, type ChosenInterfacesOptions } from './chosen-interfaces.ts';
import { linkOf } from './local-address.ts';
import { SocketSet, type WantedSocket } from './socket-set.ts';

/** A protocol's work on one interface and address family. */
export interface GroupLink {
  stop(): void;
}

/** Where a link is, and how it speaks. */
export interface LinkPlace {
  readonly interface: NetworkInterface;
  /** Where its multicast goes; an IPv6 group with its scope. */
  readonly group: Endpoint;
  transmit(bytes: Uint8Array, to: Endpoint): void;
}

/** A well-known port with a multicast group for each family. */
export interface Groups {
  readonly port: number;
  readonly IPv4: string;
  readonly IPv6: string;
  /** IP time to live of what is sent. Default: 1. */
  readonly ttl?: number;
}

export interface GroupLinksOptions<Link extends GroupLink> extends Omit<ChosenInterfacesOptions, 'adapt'> {
  readonly datagrams: DatagramNetwork;
  readonly groups: Groups;
  makeLink(place: LinkPlace): Link;
  /** A datagram that came from the link. */
  receive(link: Link, bytes: Uint8Array, from: Endpoint): void;
}

interface OpenLink<Link> {
  readonly interface: NetworkInterface;
  readonly link: Link;
}

/**
 * The links of a protocol that is spoken between multicast groups on a well-known port, which other programs on this
 * machine use, too: one socket an interface and family, bound to the group. So it gets no unicast, which would be
 * missing to the others: of several sockets on one port only one is given it (RFC 6762 section 15.1).
 */
export class GroupLinks<Link extends GroupLink> {
  readonly #options: GroupLinksOptions<Link>;
  readonly #sockets: SocketSet;
  readonly #links = new Map<string, OpenLink<Link>>();
  #chosen: ChosenInterfaces | undefined;

  /** Rejects with NO_USABLE_INTERFACE where a named interface does not exist; other faults are `problems`. */
  static async open<Link extends GroupLink>(options: GroupLinksOptions<Link>): Promise<GroupLinks<Link>> {
    const links = new GroupLinks(options);
    const adapt = (interfaces: readonly NetworkInterface[]): Promise<void> => links.#adapt(interfaces);
    links.#chosen = await ChosenInterfaces.open({ ...options, adapt });
    return links;
  }

  private constructor(options: GroupLinksOptions<Link>) {
    this.#options = options;
    const { datagrams, clock } = options;
    const receive = (bytes: Uint8Array, from: Endpoint, key: string): void => this.#receive(bytes, from, key);
    this.#sockets = new SocketSet({ datagrams, clock, receive });
  }

  all(): readonly Link[] {
    return [...this.#links.values()].map(({ link }) => link);
  }

  describe(): readonly string[] {
    const open = [...this.#links].filter(([key]) => this.#sockets.get(key) !== undefined);
    return [...new Set(open.map(([, one]) => describeInterface(one.interface)))];
  }

  problems(): readonly string[] {
    return [...this.#sockets.problems(), ...(this.#chosen?.problems() ?? [])];
  }

  async close(): Promise<void> {
    this.#chosen?.close();
    for (const { link } of this.#links.values()) link.stop();
    await this.#sockets.close();
  }

  async #adapt(interfaces: readonly NetworkInterface[]): Promise<void> {
    const { groups } = this.#options;
    const plans = interfaces.flatMap((one) => linkPlans(one, groups));
    const keys = new Set(plans.map(({ socket }) => socket.key));
    for (const [key, { link }] of this.#links) {
      if (keys.has(key)) continue;
      link.stop();
      this.#links.delete(key);
    }
    for (const plan of plans)
      if (!this.#links.has(plan.socket.key)) this.#links.set(plan.socket.key, this.#makeLink(plan));
    await this.#sockets.adapt(plans.map(({ socket }) => socket));
  }

  #makeLink({ socket: { key }, group, one }: LinkPlan): OpenLink<Link> {
    const { makeLink, groups } = this.#options;
    const link = makeLink({
      interface: one,
      group: { host: group, port: groups.port },
      transmit: (bytes, to) => this.#sockets.get(key)?.send(bytes, to),
    });
    return { interface: one, link };
  }

  /**
   * Linux hands a multicast datagram to every socket that is bound to its group, whichever interface it came in
   * by. Only the link that it was sent on reads it; what comes from no link at all is not read.
   */
  #receive(bytes: Uint8Array, from: Endpoint, key: string): void {
    const open = this.#links.get(key);
    if (open === undefined || linkOf(from.host, [open.interface]) === undefined) return;
    this.#options.receive(open.link, bytes, from);
  }
}

interface LinkPlan {
  readonly socket: WantedSocket;
  readonly group: string;
  readonly one: NetworkInterface;
}

function linkPlans(one: NetworkInterface, groups: Groups): readonly LinkPlan[] {
  const { name, kind, addresses } = one;
  const plans: LinkPlan[] = [];
  const ipv4 = addresses.find(({ family }) => family === 'IPv4');
  if (ipv4 !== undefined) plans.push(linkPlan(one, 'IPv4', groups, groups.IPv4, ipv4.address));
  // Linux has no IPv6 multicast on the loopback interface; IPv4 serves there.
  if (kind !== 'loopback' && addresses.some(({ family }) => family === 'IPv6'))
    plans.push(linkPlan(one, 'IPv6', groups, `${groups.IPv6}%${name}`, `::%${name}`));
  return plans;
}

/** The addresses stand in the key: who has another address is to be announced anew. */
function linkPlan(
  one: NetworkInterface,
  family: 'IPv4' | 'IPv6',
  groups: Groups,
  address: string,
  on: string,
): LinkPlan {
  const { name, index, addresses } = one;
  const { port, ttl } = groups;
  const key = `${family} ${name} ${index} ${addresses.map((own) => own.address).join(' ')}`;
  const ofFamily = { family, address, port, shared: true, multicastInterface: on } as const;
  const options = ttl === undefined ? ofFamily : { ...ofFamily, multicastTtl: ttl };
  const memberships = [{ group: groups[family], on, where: name, identity: name }];
  return { socket: { key, where: name, options, memberships }, group: address, one };
}

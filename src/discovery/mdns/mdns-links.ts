import { MDNS_GROUP_IPV4, MDNS_GROUP_IPV6, MDNS_PORT } from '../../limits.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { describeInterface, type NetworkInterface } from '../../platform/interfaces.ts';
import { ChosenInterfaces, type ChosenInterfacesOptions } from '../chosen-interfaces.ts';
import { linkOf } from '../local-address.ts';
import { SocketSet, type WantedSocket } from '../socket-set.ts';
import type { MdnsFault } from './mdns-codec.ts';
import { MdnsLink, type MdnsLinkOptions } from './mdns-link.ts';

/** RFC 6762 section 11. */
const MULTICAST_TTL = 255;

export interface MdnsLinksOptions extends Omit<ChosenInterfacesOptions, 'adapt'> {
  readonly datagrams: DatagramNetwork;
  /** What a link needs beside its interface and socket. */
  readonly link: Omit<MdnsLinkOptions, 'interface' | 'group' | 'transmit'>;
  /** Whether a datagram from there may be read. */
  admit(from: Endpoint): boolean;
  onFault(fault: MdnsFault, from: Endpoint): void;
}

interface OpenLink {
  readonly interface: NetworkInterface;
  readonly link: MdnsLink;
}

/**
 * One socket an interface and family, bound to the group. So it gets no unicast, which would be missing to
 * another responder on this machine: of several sockets on one port only one is given it (RFC 6762 section 15.1).
 * For the same reason nothing here asks for answers by unicast.
 */
export class MdnsLinks {
  readonly #options: MdnsLinksOptions;
  readonly #sockets: SocketSet;
  readonly #links = new Map<string, OpenLink>();
  #chosen: ChosenInterfaces | undefined;

  /** Rejects with NO_USABLE_INTERFACE where a named interface does not exist; other faults are `problems`. */
  static async open(options: MdnsLinksOptions): Promise<MdnsLinks> {
    const links = new MdnsLinks(options);
    const adapt = (interfaces: readonly NetworkInterface[]): Promise<void> => links.#adapt(interfaces);
    links.#chosen = await ChosenInterfaces.open({ ...options, adapt });
    return links;
  }

  private constructor(options: MdnsLinksOptions) {
    this.#options = options;
    const { datagrams, clock } = options;
    const receive = (bytes: Uint8Array, from: Endpoint, key: string): void => this.#receive(bytes, from, key);
    this.#sockets = new SocketSet({ datagrams, clock, receive });
  }

  all(): readonly MdnsLink[] {
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
    const plan = interfaces.flatMap(linkPlans);
    const keys = new Set(plan.map(({ socket }) => socket.key));
    for (const [key, { link }] of this.#links) {
      if (keys.has(key)) continue;
      link.stop();
      this.#links.delete(key);
    }
    for (const { socket, group, one } of plan)
      if (!this.#links.has(socket.key)) this.#links.set(socket.key, this.#makeLink(socket.key, group, one));
    await this.#sockets.adapt(plan.map(({ socket }) => socket));
  }

  #makeLink(key: string, group: string, one: NetworkInterface): OpenLink {
    const link = new MdnsLink({
      ...this.#options.link,
      interface: one,
      group: { host: group, port: MDNS_PORT },
      transmit: (bytes, to) => this.#sockets.get(key)?.send(bytes, to),
    });
    return { interface: one, link };
  }

  /**
   * Linux hands a multicast datagram to every socket that is bound to its group, whichever interface it came in
   * by. Only the link that it was sent on reads it; what comes from no link at all is not read (section 11).
   */
  #receive(bytes: Uint8Array, from: Endpoint, key: string): void {
    const open = this.#links.get(key);
    if (open === undefined || linkOf(from.host, [open.interface]) === undefined) return;
    if (!this.#options.admit(from)) return;
    const fault = open.link.receive(bytes, from);
    if (fault !== undefined) this.#options.onFault(fault, from);
  }
}

interface LinkPlan {
  readonly socket: WantedSocket;
  readonly group: string;
  readonly one: NetworkInterface;
}

/** The addresses stand in the key: the records of a link name them. */
function linkPlans(one: NetworkInterface): readonly LinkPlan[] {
  const { name, kind, index, addresses } = one;
  const list = addresses.map(({ address }) => address).join(' ');
  const plans: LinkPlan[] = [];
  const ipv4 = addresses.find(({ family }) => family === 'IPv4');
  if (ipv4 !== undefined) {
    const on = ipv4.address;
    plans.push(plan(one, `IPv4 ${name} ${index} ${list}`, 'IPv4', MDNS_GROUP_IPV4, MDNS_GROUP_IPV4, on));
  }
  // Linux has no IPv6 multicast on the loopback interface; IPv4 serves there.
  if (kind !== 'loopback' && addresses.some(({ family }) => family === 'IPv6')) {
    const group = `${MDNS_GROUP_IPV6}%${name}`;
    plans.push(plan(one, `IPv6 ${name} ${index} ${list}`, 'IPv6', MDNS_GROUP_IPV6, group, `::%${name}`));
  }
  return plans;
}

function plan(
  one: NetworkInterface,
  key: string,
  family: 'IPv4' | 'IPv6',
  group: string,
  scopedGroup: string,
  on: string,
): LinkPlan {
  const options = {
    family,
    address: scopedGroup,
    port: MDNS_PORT,
    shared: true,
    multicastInterface: on,
    multicastTtl: MULTICAST_TTL,
  } as const;
  const memberships = [{ group, on, where: one.name, identity: one.name }];
  return { socket: { key, where: one.name, options, memberships }, group: scopedGroup, one };
}

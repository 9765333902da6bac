import { BEACON_GROUP_IPV4, BEACON_GROUP_IPV6, BEACON_PORT } from '../../limits.ts';
import { isLinkLocal, type NetworkInterface, scopedAddress } from '../../platform/interfaces.ts';
import type { Membership, WantedSocket } from '../socket-set.ts';

export const OWN_IPV4 = 'own IPv4';
export const OWN_IPV6 = 'own IPv6';

/** All sockets that these interfaces call for. */
export function wantedSockets(interfaces: readonly NetworkInterface[], port: number): WantedSocket[] {
  const wanted = ownSockets(interfaces, port);
  if (hasFamily(interfaces, 'IPv4')) wanted.push(ipv4GroupSocket(interfaces));
  for (const one of interfaces) {
    wanted.push(...senders(one).map(({ socket }) => socket));
    if (hearsIpv6Group(one)) wanted.push(ipv6GroupSocket(one));
  }
  return wanted;
}

/** The node's own sockets, for unicast. */
export function ownSockets(interfaces: readonly NetworkInterface[], port: number): WantedSocket[] {
  const where = `UDP port ${port}`;
  const wanted: WantedSocket[] = [];
  if (hasFamily(interfaces, 'IPv4')) {
    const options = { family: 'IPv4', address: '0.0.0.0', port, shared: false } as const;
    wanted.push({ key: OWN_IPV4, where, options, orAnyPort: true });
  }
  if (hasFamily(interfaces, 'IPv6')) {
    const options = { family: 'IPv6', address: '::', port, shared: false } as const;
    wanted.push({ key: OWN_IPV6, where, options, orAnyPort: true });
  }
  return wanted;
}

function ipv4GroupSocket(interfaces: readonly NetworkInterface[]): WantedSocket {
  return {
    key: 'group IPv4',
    where: `UDP port ${BEACON_PORT}`,
    options: { family: 'IPv4', address: '0.0.0.0', port: BEACON_PORT, shared: true },
    memberships: interfaces.flatMap(ipv4Membership),
  };
}

/** One membership an interface is enough, however many addresses it has. */
function ipv4Membership({ name, index, addresses }: NetworkInterface): Membership[] {
  const address = addresses.find(({ family }) => family === 'IPv4')?.address;
  if (address === undefined) return [];
  const identity = `${name} ${index} ${address}`;
  return [{ group: BEACON_GROUP_IPV4, on: address, where: name, identity }];
}

/** Bound to the group on its interface, so it hears this interface only. */
function ipv6GroupSocket({ name, index }: NetworkInterface): WantedSocket {
  return {
    key: `group IPv6 ${name} ${index}`,
    where: name,
    options: { family: 'IPv6', address: `${BEACON_GROUP_IPV6}%${name}`, port: BEACON_PORT, shared: true },
    memberships: [{ group: BEACON_GROUP_IPV6, on: `::%${name}`, where: name, identity: name }],
  };
}

export interface Sender {
  readonly key: string;
  readonly socket: WantedSocket;
  /** Groups and broadcast addresses it sends to. */
  readonly to: readonly string[];
}

/** The sockets of one interface that multicast and broadcast go out from. */
export function senders(one: NetworkInterface): readonly Sender[] {
  const ipv6 = ipv6Sender(one);
  return ipv6 === undefined ? ipv4Senders(one) : [...ipv4Senders(one), ipv6];
}

/** From each address into its subnet; the multicast, which all subnets of the link hear, only once. */
function ipv4Senders({ name, index, addresses }: NetworkInterface): readonly Sender[] {
  const senders: Sender[] = [];
  for (const own of addresses) {
    if (own.family !== 'IPv4') continue;
    const { address, broadcast } = own;
    const key = `send ${name} ${index} ${address}`;
    const options = { family: 'IPv4', address, port: 0, shared: false, multicastInterface: address } as const;
    const multicast = senders.length === 0 ? [BEACON_GROUP_IPV4] : [];
    const to = broadcast === undefined ? multicast : [...multicast, broadcast];
    senders.push({ key, socket: { key, where: name, options }, to });
  }
  return senders;
}

/** From the link-local address, which every IPv6 host on the link can answer to. */
function ipv6Sender(one: NetworkInterface): Sender | undefined {
  if (!hearsIpv6Group(one)) return undefined;
  const { name, index, addresses } = one;
  const ipv6 = addresses.filter(({ family }) => family === 'IPv6');
  const own = ipv6.find(isLinkLocal) ?? ipv6[0];
  if (own === undefined) return undefined;
  const address = scopedAddress(own, name);
  const key = `send ${name} ${index} ${address}`;
  const multicastInterface = `::%${name}`;
  const options = { family: 'IPv6', address, port: 0, shared: false, multicastInterface } as const;
  return { key, socket: { key, where: name, options }, to: [`${BEACON_GROUP_IPV6}%${name}`] };
}

/** Linux has no IPv6 multicast on the loopback interface; IPv4 serves there. */
function hearsIpv6Group({ kind, addresses }: NetworkInterface): boolean {
  return kind !== 'loopback' && addresses.some(({ family }) => family === 'IPv6');
}

function hasFamily(interfaces: readonly NetworkInterface[], family: 'IPv4' | 'IPv6'): boolean {
  return interfaces.some(({ addresses }) => addresses.some((address) => address.family === family));
}

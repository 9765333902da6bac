import type { DiscoveryReport } from '../discovery/discovery.ts';
import { BEACON_PORT } from '../limits.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import { type NetworkInterface, scopedAddress } from '../platform/interfaces.ts';
import type { DroppedFacts, Echo, GroupWay, InterfaceFacts, NetworkFacts } from './facts.ts';

export interface PassiveOptions {
  /** The port that others would come to. */
  readonly port: number;
  readonly reports: readonly DiscoveryReport[];
  readonly interfaces: readonly NetworkInterface[];
  /** Of --interface; undefined for all. */
  readonly interfaceNames: readonly string[] | undefined;
  /** Of --peer. */
  readonly peers: readonly Endpoint[];
}

/** What a running node knows by itself, while it has heard nobody: no datagram is sent for it. */
export function passiveFacts({
  port,
  reports,
  interfaces,
  interfaceNames,
  peers,
}: PassiveOptions): NetworkFacts {
  const heardBack = reports.flatMap((report) => report.heardBack ?? []);
  const listens = reports.some((report) => report.heardBack !== undefined && report.interfaces.length > 0);
  const taken = reports.some(({ problems }) =>
    problems.includes(`cannot listen on UDP port ${BEACON_PORT}: EADDRINUSE`),
  );
  return {
    interfaces: interfaces.map((one) => ({
      ...interfaceFacts(one, interfaceNames),
      echoes: listens ? passiveEchoes(one, heardBack) : NOTHING_TRIED,
    })),
    nodes: [],
    named: peers.map((peer) => ({
      peer,
      outcome: hasNoAddress(peer, reports) ? 'unknown name' : 'no answer',
    })),
    groupPort: taken ? 'taken' : 'usable',
    ownPort: { number: port, udp: 'ours', examined: undefined },
    dropped: droppedFacts(reports),
  };
}

function hasNoAddress(peer: Endpoint, reports: readonly DiscoveryReport[]): boolean {
  const start = `cannot find the address of ${formatEndpoint(peer)}:`;
  return reports.some(({ problems }) => problems.some((problem) => problem.startsWith(start)));
}

/** All but the echoes. */
export function interfaceFacts(
  one: NetworkInterface,
  names: readonly string[] | undefined,
): Omit<InterfaceFacts, 'echoes'> {
  const { name, kind, addresses } = one;
  return {
    name,
    kind,
    addresses: addresses.map((address) => scopedAddress(address, name)),
    used: names === undefined || names.length === 0 || names.includes(name),
  };
}

export function droppedFacts(reports: readonly DiscoveryReport[]): readonly DroppedFacts[] {
  return reports.flatMap(({ path, dropped = new Map<string, number>() }) =>
    [...dropped].map(([reason, count]) => ({ path, reason, count })),
  );
}

export const NOTHING_TRIED: Readonly<Record<GroupWay, Echo>> = {
  'multicast IPv4': { kind: 'not tried' },
  'multicast IPv6': { kind: 'not tried' },
  broadcast: { kind: 'not tried' },
};

/** The node's datagrams go out by multicast and broadcast alike, and which of the two came back is not told. */
function passiveEchoes(
  { name, addresses }: NetworkInterface,
  heardBack: readonly string[],
): Readonly<Record<GroupWay, Echo>> {
  const echo = (family: 'IPv4' | 'IPv6'): Echo => {
    const own = addresses.filter((address) => address.family === family);
    if (own.length === 0) return { kind: 'not tried' };
    const came = own.some((address) => heardBack.includes(scopedAddress(address, name)));
    return { kind: came ? 'heard back' : 'not heard back' };
  };
  return { ...NOTHING_TRIED, 'multicast IPv4': echo('IPv4'), 'multicast IPv6': echo('IPv6') };
}

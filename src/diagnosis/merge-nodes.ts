import type { DiscoveryReport } from '../discovery/discovery.ts';
import type { DiscoveryPath } from '../holdings/sighting.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import { type NetworkInterface, scopedAddress } from '../platform/interfaces.ts';
import type { GroupWay, NodeFacts } from './facts.ts';
import type { ProbedNode } from './lan-probe.ts';

/** A node that holds something, as the running node lists it. */
export interface ListedNode {
  readonly peerId: string;
  readonly endpoints: readonly Endpoint[];
  readonly paths: readonly DiscoveryPath[];
}

interface Gathered {
  readonly endpoints: Map<string, Endpoint>;
  readonly paths: Set<DiscoveryPath>;
  readonly ways: Set<GroupWay>;
}

/** One entry a node from all that was heard of it, whichever way; whether it was dialled is another matter. */
export function mergeNodes(
  interfaces: readonly NetworkInterface[],
  listed: readonly ListedNode[],
  reports: readonly DiscoveryReport[],
  probed: readonly ProbedNode[],
): readonly Omit<NodeFacts, 'dialled'>[] {
  const nodes = new Map<string, Gathered>();
  for (const { peerId, endpoints, paths } of listed) add(nodes, peerId, endpoints, paths, []);
  for (const { path, nodes: heard = [] } of reports)
    for (const { peerId, endpoint } of heard) add(nodes, peerId, [endpoint], [path], []);
  for (const { peerId, endpoints, ways } of probed) add(nodes, peerId, endpoints.values(), ['beacon'], ways);
  const own = new Set(interfaces.flatMap(ownAddresses));
  return [...nodes].flatMap(([peerId, { endpoints, paths, ways }]) => {
    const [first, ...more] = [...endpoints.values()].sort((a, b) => plainness(a) - plainness(b));
    if (first === undefined) return [];
    const here = [first, ...more].some(({ host }) => own.has(host));
    return [{ peerId, endpoints: [first, ...more] as const, here, paths: [...paths], ways: [...ways] }];
  });
}

function add(
  nodes: Map<string, Gathered>,
  peerId: string,
  endpoints: Iterable<Endpoint>,
  paths: Iterable<DiscoveryPath>,
  ways: Iterable<GroupWay>,
): void {
  const node = nodes.get(peerId) ?? { endpoints: new Map(), paths: new Set(), ways: new Set() };
  nodes.set(peerId, node);
  for (const endpoint of endpoints) node.endpoints.set(formatEndpoint(endpoint), endpoint);
  for (const path of paths) node.paths.add(path);
  for (const way of ways) node.ways.add(way);
}

/** An address that a person can read and use stands first: IPv4, then routable IPv6, then link-local. */
function plainness({ host }: Endpoint): number {
  if (!host.includes(':')) return 0;
  return host.includes('%') ? 2 : 1;
}

function ownAddresses({ name, addresses }: NetworkInterface): readonly string[] {
  return addresses.map((address) => scopedAddress(address, name));
}

import { inBackground } from '../discovery/background-discovery.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { DiscoveryFactory, NodeOptions } from './api.ts';

/**
 * The beacon answers first, so nobody waits for mDNS beside it: it opens in the background. Without its groups the
 * beacon still asks and answers by unicast: peers that were named, and nodes that mDNS found.
 */
export function systemDiscoveries({ mdns = true, beacon: groups = true }: NodeOptions): DiscoveryFactory[] {
  let meet: (node: Endpoint) => void = () => {};
  const openBeacon: DiscoveryFactory = async (context) => {
    const { createBeacon } = await import('../discovery/beacon/beacon.ts');
    const beacon = await createBeacon({ ...context, groups });
    meet = (node) => beacon.meet(node);
    return beacon;
  };
  const openMdns: DiscoveryFactory = async (context) => {
    const { createMdns } = await import('../discovery/mdns/mdns.ts');
    return createMdns({ ...context, nodeHeard: (node) => meet(node) });
  };
  const mdnsInBackground: DiscoveryFactory = async (context) => inBackground('mdns', () => openMdns(context));
  if (!mdns) return [openBeacon];
  return [openBeacon, groups ? mdnsInBackground : openMdns];
}

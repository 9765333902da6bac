import { inBackground } from '../discovery/background-discovery.ts';
import type { BeaconDiscovery } from '../discovery/beacon/beacon.ts';
import type { Discovery, Query } from '../discovery/discovery.ts';
import { LanDatagrams } from '../discovery/lan/lan-datagrams.ts';
import { OTHER_DISCOVERIES_DELAY_MS } from '../limits.ts';
import { sleep } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { DiscoveryContext, DiscoveryFactory, NodeOptions } from './api.ts';
import { dialBack } from './dial-back.ts';

/**
 * The machine's ways to find peers. The beacon answers first, so nobody waits for the others: they open in the
 * background. Without its groups the beacon still asks and answers by unicast: peers that were named, and nodes that
 * mDNS and gossip found.
 */
export function systemDiscoveries(options: NodeOptions): DiscoveryFactory[] {
  const { mdns = true, beacon: groups = true, lsd = true } = options;
  const ways = new SystemDiscoveries(groups);
  const openBeacon: DiscoveryFactory = (context) => ways.openBeacon(context);
  const openGossip: DiscoveryFactory = async (context) =>
    inBackground('gossip', () => ways.openGossip(context), afterBeacon(context));
  const openMdns: DiscoveryFactory = async (context) =>
    groups
      ? inBackground('mdns', () => ways.openMdns(context), afterBeacon(context))
      : ways.openMdns(context);
  const inLsd: DiscoveryFactory = async (context) =>
    groups || mdns
      ? inBackground('lsd', () => openLsd(context), afterBeacon(context), isByHash)
      : openLsd(context);
  return [openBeacon, openGossip, ...(mdns ? [openMdns] : []), ...(lsd ? [inLsd] : [])];
}

/** Who has a .torrent or a magnet link may want it of BitTorrent clients, whom nothing else on the LAN finds. */
function isByHash({ kind }: Query): boolean {
  return kind === 'infoHash';
}

async function openLsd(context: DiscoveryContext): Promise<Discovery> {
  const { createLsd } = await import('../discovery/lsd/lsd.ts');
  return createLsd(context);
}

function afterBeacon({ clock }: DiscoveryContext): (signal: AbortSignal) => Promise<void> {
  return (signal) => sleep(clock, OTHER_DISCOVERIES_DELAY_MS, signal);
}

/** Ways to find peers that introduce the nodes they find to each other. */
class SystemDiscoveries {
  readonly #groups: boolean;
  #lan: Promise<LanDatagrams> | undefined;
  /** Open once the beacon is. */
  #beacon: BeaconDiscovery | undefined;
  /** Takes a node up into the gossip. */
  #gossipWith: (node: Endpoint) => void = () => {};

  constructor(groups: boolean) {
    this.#groups = groups;
  }

  async openBeacon(context: DiscoveryContext): Promise<Discovery> {
    const [{ createBeacon }, lan] = await Promise.all([
      import('../discovery/beacon/beacon.ts'),
      this.#openLan(context),
    ]);
    const beacon = await createBeacon({ ...this.#introducing(context), groups: this.#groups, lan });
    this.#beacon = beacon;
    return beacon;
  }

  async openGossip(context: DiscoveryContext): Promise<Discovery> {
    const { network, clock } = context;
    const [{ GossipDiscovery }, lan] = await Promise.all([
      import('../discovery/gossip/gossip-discovery.ts'),
      this.#openLan(context),
    ]);
    const gossip = new GossipDiscovery({
      ...context,
      lan,
      inquire: (member, queries) => this.#beacon?.inquire(member, queries),
      dialBack: (node, signal) => dialBack(network, clock, node, signal),
    });
    this.#gossipWith = (node) => gossip.meet(node);
    return gossip;
  }

  async openMdns(context: DiscoveryContext): Promise<Discovery> {
    const { createMdns } = await import('../discovery/mdns/mdns.ts');
    return createMdns({ ...this.#introducing(context), nodeHeard: (node) => this.#beacon?.meet(node) });
  }

  #openLan(context: DiscoveryContext): Promise<LanDatagrams> {
    this.#lan ??= LanDatagrams.open({ ...context, groups: this.#groups });
    return this.#lan;
  }

  #introducing(context: DiscoveryContext): DiscoveryContext {
    return {
      ...context,
      heard: (sighting) => {
        context.heard(sighting);
        if (sighting.kind !== 'holding') return;
        this.#gossipWith({ host: sighting.host, port: sighting.holding.port });
      },
    };
  }
}

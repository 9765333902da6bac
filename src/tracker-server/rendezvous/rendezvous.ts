import { GossipDiscovery } from '../../discovery/gossip/gossip-discovery.ts';
import { ownLanAddress } from '../../discovery/local-address.ts';
import { GOSSIP_MAGIC } from '../../gossip/codec/gossip-layout.ts';
import { createIdentity } from '../../gossip/identity.ts';
import { DEFAULT_NODE_PORT } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { type InterfaceSource, systemInterfaces } from '../../platform/interfaces.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import type { OtherDatagrams, UdpTracker } from '../udp/udp-tracker.ts';
import { NameQuestions } from './name-questions.ts';
import { TrackerDatagrams } from './tracker-datagrams.ts';

export interface RendezvousOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Contents whose names nodes are to be asked for, the most important one first. Default: none. */
  readonly unnamed?: () => readonly InfoHash[];
  /** Default: this machine's. */
  readonly interfaceSource?: InterfaceSource;
}

/**
 * Where lanshare nodes meet that do not hear each other: the tracker gossips on its UDP port. It holds nothing, so it is
 * on nobody's list; but it tells each node of the others, and where they are, and from then on they speak to each other.
 * For its own screen it asks them what the contents are called that they announce.
 */
export interface Rendezvous {
  /** To be given to the tracker's UDP port. */
  readonly datagrams: OtherDatagrams;
  /** Nodes that are known here and hold something. */
  readonly members: number;
  /** What nodes call a content; anybody can say anything, within what a file may be called. */
  nameOf(infoHash: InfoHash): string | undefined;
  /** Begins, on this port. */
  begin(udp: Pick<UdpTracker, 'port' | 'send'>): void;
  close(): Promise<void>;
}

export function createRendezvous(options: RendezvousOptions): Rendezvous {
  return new TrackerRendezvous(options);
}

class TrackerRendezvous implements Rendezvous {
  readonly #options: RendezvousOptions;
  #datagrams: TrackerDatagrams | undefined;
  #gossip: GossipDiscovery | undefined;
  #names: NameQuestions | undefined;

  constructor(options: RendezvousOptions) {
    this.#options = options;
  }

  readonly datagrams: OtherDatagrams = {
    magic: GOSSIP_MAGIC.readUInt32BE(),
    receive: (bytes, from: Endpoint) => this.#datagrams?.receive(bytes, from) ?? false,
  };

  get members(): number {
    return this.#gossip?.describe().nodes?.length ?? 0;
  }

  nameOf(infoHash: InfoHash): string | undefined {
    return this.#names?.nameOf(infoHash);
  }

  begin(udp: Pick<UdpTracker, 'port' | 'send'>): void {
    if (this.#gossip !== undefined) return;
    const { clock, random, logger, interfaceSource = systemInterfaces, unnamed = nothing } = this.#options;
    const identity = createIdentity(random.bytes(32));
    const lan = new TrackerDatagrams({
      clock,
      interfaceSource,
      send: (bytes, to) => udp.send(bytes, to),
    });
    this.#datagrams = lan;
    const gossip = new GossipDiscovery({
      identity,
      port: udp.port,
      clock,
      random,
      logger,
      lan,
      heard() {},
      // It searches for nothing, and dials nobody.
      inquire() {},
    });
    this.#gossip = gossip;
    this.#names = new NameQuestions({
      peerId: identity.peerId,
      port: udp.port,
      clock,
      random,
      lan,
      unnamed: () => (this.members === 0 ? [] : unnamed()),
      membersFor: (query) => gossip.membersFor(query),
    });
    // A node beside us, at an address that means something to others.
    const host = ownLanAddress(lan.interfaces);
    if (host !== undefined) gossip.meet({ host, port: DEFAULT_NODE_PORT });
  }

  async close(): Promise<void> {
    await this.#names?.close();
    await this.#gossip?.close();
  }
}

function nothing(): readonly InfoHash[] {
  return [];
}

import type { Holding, PeerId } from '../../holdings/holding.ts';
import { BYE_REPEAT_MS, DATAGRAMS_PER_SOURCE_PER_SECOND, MDNS_RESOLVES_PER_SECOND } from '../../limits.ts';
import { type Clock, sleep } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { type InterfaceSource, systemInterfaces } from '../../platform/interfaces.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import { systemDatagrams } from '../../platform/system-datagram.ts';
import type { Discovery, DiscoveryReport, Query, Sighting } from '../discovery.ts';
import { DropCounter } from '../drop-counter.ts';
import { GroupLinks, type LinkPlace } from '../group-links.ts';
import type { TrackerSighting } from '../lan-trackers.ts';
import { SourceLimiter } from '../source-limiter.ts';
import { loadMulticastDns, type MdnsFault } from './mdns-codec.ts';
import { MDNS_GROUPS } from './mdns-groups.ts';
import { MdnsLink, type MdnsLinkOptions } from './mdns-link.ts';
import { Publisher } from './publisher.ts';
import { Searches } from './searches.ts';
import { randomNames } from './service-records.ts';

export interface MdnsOptions {
  readonly peerId: PeerId;
  /** The node's TCP port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Names of interfaces. Default: all. */
  readonly interfaces?: readonly string[] | undefined;
  heard(sighting: Sighting): void;
  /** A node was heard; what it holds may not all stand in its TXT record, but it can be asked by unicast. */
  nodeHeard?(endpoint: Endpoint): void;
  /** What is heard of trackers. Without, none is looked for. */
  trackerHeard?(sighting: TrackerSighting): void;
  /** For tests: other than the machine's. */
  readonly datagrams?: DatagramNetwork;
  readonly interfaceSource?: InterfaceSource;
}

/**
 * Finds peers by mDNS and DNS-SD (RFC 6762, 6763), service type `_lanshare._tcp`, beside any other responder
 * on this machine. Resolves when the sockets are bound. Rejects with NO_USABLE_INTERFACE where a named
 * interface does not exist; all else is told by `describe`.
 */
export async function createMdns(options: MdnsOptions): Promise<Discovery> {
  return await Mdns.open(options);
}

type DropReason = MdnsFault | 'datagrams a second';

class Mdns implements Discovery {
  readonly path = 'mdns';
  readonly #options: MdnsOptions;
  readonly #searches: Searches;
  readonly #publisher: Publisher;
  readonly #drops: DropCounter<DropReason>;
  readonly #limiter: SourceLimiter;
  #links: GroupLinks<MdnsLink> | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;

  static async open(options: MdnsOptions): Promise<Mdns> {
    const mdns = new Mdns(options);
    await mdns.#openLinks();
    return mdns;
  }

  private constructor(options: MdnsOptions) {
    const { clock, random, logger, peerId, port } = options;
    const links = (): readonly MdnsLink[] => this.#links?.all() ?? [];
    this.#options = options;
    this.#drops = new DropCounter(clock, logger, this.path);
    this.#limiter = new SourceLimiter(clock, DATAGRAMS_PER_SOURCE_PER_SECOND);
    this.#publisher = new Publisher({ clock, names: randomNames(random), peerId, port, links });
    this.#searches = new Searches(clock, (question) => {
      for (const link of links()) link.ask(question);
    });
  }

  announce(holdings: readonly Holding[]): void {
    if (!this.#closed) this.#publisher.update(holdings);
  }

  seek(query: Query): () => void {
    return this.#closed ? () => {} : this.#searches.seek(query);
  }

  describe(): DiscoveryReport {
    const { path } = this;
    const interfaces = this.#links?.describe() ?? [];
    return { path, interfaces, problems: this.#links?.problems() ?? [], dropped: this.#drops.counts };
  }

  /** The goodbye goes out in the next tick, and once more after a moment. */
  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    this.#closed = true;
    this.#searches.stop();
    this.#publisher.stop();
    this.#publisher.goodbye();
    await sleep(this.#options.clock, BYE_REPEAT_MS);
    this.#publisher.goodbye();
    await sleep(this.#options.clock, 0);
    await this.#links?.close();
  }

  async #openLinks(): Promise<void> {
    const { datagrams = systemDatagrams, interfaceSource = systemInterfaces } = this.#options;
    const { clock, interfaces = [] } = this.#options;
    const surroundings = await this.#surroundings();
    this.#links = await GroupLinks.open({
      clock,
      datagrams,
      interfaceSource,
      interfaceNames: interfaces,
      groups: MDNS_GROUPS,
      makeLink: (place) => new MdnsLink({ ...surroundings, ...place }),
      receive: (link, bytes, from) => this.#receive(link, bytes, from),
      onNewAddress: () => this.#sayAllAgain(),
    });
    this.#lookForTrackers();
  }

  /** What a link needs beside its place. */
  async #surroundings(): Promise<Omit<MdnsLinkOptions, keyof LinkPlace>> {
    const { clock, random, peerId: ownPeerId } = this.#options;
    const resolves = new SourceLimiter(clock, MDNS_RESOLVES_PER_SECOND);
    return {
      clock,
      random,
      ownPeerId,
      makeMulticastDns: await loadMulticastDns(),
      service: () => this.#publisher.service,
      mayAskBack: () => resolves.take('all links'),
      heard: (sighting) => this.#tell(sighting),
      trackerHeard: this.#options.trackerHeard && ((sighting) => this.#options.trackerHeard?.(sighting)),
      nodeHeard: (endpoint) => this.#options.nodeHeard?.(endpoint),
    };
  }

  #receive(link: MdnsLink, bytes: Uint8Array, from: Endpoint): void {
    if (this.#closed) return;
    if (!this.#limiter.take(from.host)) return this.#drops.count('datagrams a second', from.host);
    const fault = link.receive(bytes, from);
    if (fault !== undefined) this.#drops.count(fault, from.host);
  }

  #tell(sighting: Sighting): void {
    this.#options.logger.trace({ path: this.path, kind: sighting.kind }, 'service heard');
    this.#options.heard(sighting);
  }

  #sayAllAgain(): void {
    if (this.#closed) return;
    this.#publisher.announceOnNewLinks();
    this.#searches.askAgain();
    this.#lookForTrackers();
  }

  #lookForTrackers(): void {
    for (const link of this.#links?.all() ?? []) link.lookForTrackers();
  }
}

import type { Holding } from '../../holdings/holding.ts';
import {
  LSD_DATAGRAMS_PER_SOURCE_PER_SECOND,
  LSD_GROUP_IPV4,
  LSD_GROUP_IPV6,
  LSD_PORT,
  MAX_LSD_CONTENTS,
} from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import { type InterfaceSource, systemInterfaces } from '../../platform/interfaces.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import { systemDatagrams } from '../../platform/system-datagram.ts';
import type { Discovery, DiscoveryReport, Query, Sighting } from '../discovery.ts';
import { DropCounter } from '../drop-counter.ts';
import { GroupLinks, type Groups } from '../group-links.ts';
import { SourceLimiter } from '../source-limiter.ts';
import type { Part } from './announcer.ts';
import { HeardAnnouncements } from './heard-announcements.ts';
import { LsdLink } from './lsd-link.ts';
import { decodeLsd, type LsdAnnouncement, type LsdFault } from './lsd-message.ts';

export interface LsdOptions {
  /** The node's TCP port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Names of interfaces. Default: all. */
  readonly interfaces?: readonly string[] | undefined;
  heard(sighting: Sighting): void;
  /** For tests: other than the machine's. */
  readonly datagrams?: DatagramNetwork;
  readonly interfaceSource?: InterfaceSource;
}

/**
 * Finds peers as BitTorrent clients find each other on a LAN: Local Service Discovery, BEP 14. What is held and what
 * is sought by hash is announced; who announces it is told as `located`. Names mean nothing here. Resolves when the
 * sockets are bound. Rejects with NO_USABLE_INTERFACE where a named interface does not exist; all else is told by
 * `describe`.
 */
export async function createLsd(options: LsdOptions): Promise<Discovery> {
  const lsd = new Lsd(options);
  await lsd.open();
  return lsd;
}

const GROUPS: Groups = { port: LSD_PORT, IPv4: LSD_GROUP_IPV4, IPv6: LSD_GROUP_IPV6 };

class Lsd implements Discovery {
  readonly path = 'lsd';
  readonly #options: LsdOptions;
  readonly #cookie: string;
  readonly #limiter: SourceLimiter;
  readonly #drops: DropCounter<LsdFault | 'datagrams a second'>;
  readonly #memory = new HeardAnnouncements();
  readonly #searches = new Map<symbol, InfoHash>();
  #holdings: readonly Holding[] = [];
  /** Contents that we lack all or part of: others who have them are news. */
  #wanted: ReadonlySet<InfoHash> = new Set();
  #links: GroupLinks<LsdLink> | undefined;
  #closed = false;

  constructor(options: LsdOptions) {
    const { clock, random, logger } = options;
    this.#options = options;
    this.#cookie = Buffer.from(random.bytes(4)).toString('hex');
    this.#limiter = new SourceLimiter(clock, LSD_DATAGRAMS_PER_SOURCE_PER_SECOND);
    this.#drops = new DropCounter(clock, logger, this.path);
  }

  async open(): Promise<void> {
    const { datagrams = systemDatagrams, interfaceSource = systemInterfaces } = this.#options;
    const { clock, random, port, interfaces = [] } = this.#options;
    this.#links = await GroupLinks.open({
      clock,
      datagrams,
      interfaceSource,
      interfaceNames: interfaces,
      groups: GROUPS,
      makeLink: (place) => new LsdLink({ ...place, clock, random, port, cookie: this.#cookie }),
      receive: (link, bytes, from) => this.#receive(link, bytes, from),
      onNewAddress: () => this.#tellLinks(),
    });
  }

  announce(holdings: readonly Holding[]): void {
    if (this.#closed) return;
    this.#holdings = holdings;
    this.#adapt();
  }

  seek(query: Query): () => void {
    if (this.#closed || query.kind !== 'infoHash') return () => {};
    const search = Symbol('search');
    this.#searches.set(search, query.infoHash);
    this.#adapt();
    return () => {
      if (this.#searches.delete(search)) this.#adapt();
    };
  }

  describe(): DiscoveryReport {
    return {
      path: this.path,
      interfaces: this.#links?.describe() ?? [],
      problems: this.#links?.problems() ?? [],
      dropped: this.#drops.counts,
    };
  }

  /** BEP 14 knows no goodbye. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#links?.close();
  }

  #adapt(): void {
    if (this.#closed) return;
    const before = this.#wanted;
    // Who has everything, too, is told who has just come: that one may wait long for the next announcement.
    this.#wanted = new Set([...this.#searches.values(), ...this.#holdings.flatMap(namesOf)]);
    for (const infoHash of this.#wanted) if (!before.has(infoHash)) this.#recall(infoHash);
    this.#tellLinks();
  }

  #tellLinks(): void {
    if (this.#closed) return;
    const contents = new Map<InfoHash, Part>();
    for (const infoHash of this.#searches.values()) contents.set(infoHash, 'sought');
    for (const infoHash of this.#holdings.flatMap(namesOf))
      if (!contents.has(infoHash) && contents.size < MAX_LSD_CONTENTS) contents.set(infoHash, 'held');
    for (const link of this.#links?.all() ?? []) link.update(contents);
  }

  /** Tells what was heard of a content before it was wanted. */
  #recall(infoHash: InfoHash): void {
    for (const endpoint of this.#memory.endpointsOf(infoHash, this.#options.clock.now()))
      this.#locate(infoHash, endpoint);
  }

  #receive(link: LsdLink, bytes: Uint8Array, from: Endpoint): void {
    if (this.#closed) return;
    if (!this.#limiter.take(from.host)) return this.#drops.count('datagrams a second', from.host);
    link.noteTraffic(bytes.length);
    const announcement = decodeLsd(bytes);
    if ('fault' in announcement) return this.#drops.count(announcement.fault, from.host);
    if (announcement.cookie !== this.#cookie) this.#hear(link, announcement, from);
  }

  #hear(link: LsdLink, announcement: LsdAnnouncement, { host }: Endpoint): void {
    const endpoint = { host, port: announcement.port };
    const speaker = formatEndpoint(endpoint);
    for (const infoHash of announcement.infoHashes) {
      const isNew = this.#memory.note(host, announcement, infoHash, this.#options.clock.now()) === 'new';
      if (this.#wanted.has(infoHash)) this.#locate(infoHash, endpoint);
      link.hear(infoHash, speaker, isNew);
    }
  }

  #locate(infoHash: InfoHash, endpoint: Endpoint): void {
    this.#options.heard({ kind: 'located', infoHash, endpoint, path: this.path });
  }
}

/** A hybrid is sought under either of its names (BEP 52), and so it has two swarms. */
function namesOf({ infoHash, v2Name }: Holding): readonly InfoHash[] {
  return v2Name === undefined || v2Name === infoHash ? [infoHash] : [infoHash, v2Name];
}

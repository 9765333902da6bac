import { BYE_REPEAT_MS, DATAGRAMS_PER_SOURCE_PER_SECOND, MDNS_RECORD_INTERVAL_MS } from '../../limits.ts';
import { type Clock, sleep, type Timer } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import { type InterfaceSource, systemInterfaces } from '../../platform/interfaces.ts';
import type { Random } from '../../platform/random.ts';
import { systemDatagrams } from '../../platform/system-datagram.ts';
import { GroupLinks } from '../group-links.ts';
import { SourceLimiter } from '../source-limiter.ts';
import { loadMulticastDns } from './mdns-codec.ts';
import { MDNS_GROUPS } from './mdns-groups.ts';
import { TrackerLink } from './tracker-link.ts';
import { type TrackerService, trackerNames } from './tracker-service.ts';

export interface TrackerAnnouncerOptions {
  /** Where it listens by UDP. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Names of interfaces. Default: all. */
  readonly interfaces?: readonly string[] | undefined;
  /** For tests: other than the machine's. */
  readonly datagrams?: DatagramNetwork;
  readonly interfaceSource?: InterfaceSource;
}

/** A tracker that is found by mDNS as long as this is not closed. */
export interface TrackerAnnouncement {
  /** Why it could not be said somewhere, in words. */
  problems(): readonly string[];
  /** Says goodbye. Called again, it resolves when that is done. */
  close(): Promise<void>;
}

/**
 * Says by mDNS and DNS-SD (RFC 6762, 6763) that a BitTorrent tracker is here, service type `_bittorrent-tracker._udp`, and
 * answers who asks. Resolves when the sockets are bound. Rejects with NO_USABLE_INTERFACE where a named interface does
 * not exist.
 */
export async function announceTracker(options: TrackerAnnouncerOptions): Promise<TrackerAnnouncement> {
  const announcer = new TrackerAnnouncer(options);
  await announcer.open();
  return announcer;
}

class TrackerAnnouncer implements TrackerAnnouncement {
  readonly #options: TrackerAnnouncerOptions;
  readonly #service: TrackerService;
  readonly #repeats = new Set<Timer>();
  readonly #told = new WeakSet<TrackerLink>();
  #links: GroupLinks<TrackerLink> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: TrackerAnnouncerOptions) {
    this.#options = options;
    this.#service = { names: trackerNames(options.random), port: options.port };
  }

  async open(): Promise<void> {
    const { clock, random, interfaces = [] } = this.#options;
    const { datagrams = systemDatagrams, interfaceSource = systemInterfaces } = this.#options;
    const limiter = new SourceLimiter(clock, DATAGRAMS_PER_SOURCE_PER_SECOND);
    const makeMulticastDns = await loadMulticastDns();
    this.#links = await GroupLinks.open({
      clock,
      datagrams,
      interfaceSource,
      interfaceNames: interfaces,
      groups: MDNS_GROUPS,
      makeLink: (place) =>
        new TrackerLink({ ...place, clock, random, makeMulticastDns, service: this.#service }),
      receive: (link, bytes, from) => {
        if (this.#closing === undefined && limiter.take(from.host)) link.receive(bytes, from);
      },
      onNewAddress: () => this.#announce(),
    });
    this.#announce();
  }

  problems(): readonly string[] {
    return this.#links?.problems() ?? [];
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    const { clock } = this.#options;
    for (const timer of this.#repeats) timer.cancel();
    this.#goodbye();
    await sleep(clock, BYE_REPEAT_MS);
    this.#goodbye();
    // Datagrams go out in the next tick.
    await sleep(clock, 0);
    await this.#links?.close();
  }

  /** Twice, a second apart (RFC 6762 section 8.3), on links where nothing has been said yet. */
  #announce(): void {
    if (this.#closing !== undefined) return;
    const links = this.#links?.all().filter((link) => !this.#told.has(link)) ?? [];
    for (const link of links) {
      this.#told.add(link);
      link.announce();
    }
    const timer = this.#options.clock.setTimer(MDNS_RECORD_INTERVAL_MS, () => {
      this.#repeats.delete(timer);
      for (const link of links) link.announce();
    });
    this.#repeats.add(timer);
  }

  #goodbye(): void {
    for (const link of this.#links?.all() ?? []) link.goodbye();
  }
}

import type { Holding, PeerId } from '../../holdings/holding.ts';
import {
  ANNOUNCE_MERGE_MS,
  MDNS_PIECES_INTERVAL_MS,
  MDNS_PIECES_INTERVAL_PER_SERVICE_MS,
  MDNS_RECORD_INTERVAL_MS,
} from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type DnsRecord, recordKey } from './dns-record.ts';
import type { MdnsLink } from './mdns-link.ts';
import { isEverybodys, type Service, type ServiceNames } from './service-records.ts';

export interface PublisherOptions {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly peerId: PeerId;
  readonly port: number;
  links(): readonly MdnsLink[];
}

/** What we advertise, and when a change of it is announced: at once and again after a second (RFC 6762 section 8). */
export class Publisher {
  readonly #options: PublisherOptions;
  #service: Service;
  #holdings: readonly Holding[] = [];
  #publishedAt = Number.NEGATIVE_INFINITY;
  #waiting: { readonly timer: Timer; readonly due: number } | undefined;
  readonly #repeats = new Set<Timer>();
  /** Links on which something has been said. */
  readonly #told = new WeakSet<MdnsLink>();

  constructor(options: PublisherOptions) {
    const { names, peerId, port } = options;
    this.#options = options;
    this.#service = { names, peerId, port, holdings: [] };
  }

  /** As it was last announced. */
  get service(): Service {
    return this.#service;
  }

  update(holdings: readonly Holding[]): void {
    const pause = isMoreThanPieces(this.#service.holdings, holdings)
      ? MDNS_RECORD_INTERVAL_MS
      : this.#piecesIntervalMs();
    this.#holdings = holdings;
    this.#publishAfter(pause);
  }

  /** Where nothing has been said yet; the others know it all. */
  announceOnNewLinks(): void {
    const service = this.#service;
    const links = this.#options.links().filter((link) => !this.#told.has(link));
    this.#sayTwice(links, (link) => link.records(service));
  }

  /** Takes everything back, in this tick and the next. */
  goodbye(): void {
    for (const link of this.#options.links()) link.announce(takenBack(link.records(this.#service)));
  }

  stop(): void {
    this.#waiting?.timer.cancel();
    for (const timer of this.#repeats) timer.cancel();
    this.#repeats.clear();
  }

  /** All services of a link share what new pieces may cost it. */
  #piecesIntervalMs(): number {
    const services = Math.max(0, ...this.#options.links().map(({ servicesHeard }) => servicesHeard));
    return Math.max(MDNS_PIECES_INTERVAL_MS, services * MDNS_PIECES_INTERVAL_PER_SERVICE_MS);
  }

  #publishAfter(pauseMs: number): void {
    const { clock } = this.#options;
    const due = Math.max(clock.now() + ANNOUNCE_MERGE_MS, this.#publishedAt + pauseMs);
    if (this.#waiting !== undefined && this.#waiting.due <= due) return;
    this.#waiting?.timer.cancel();
    const timer = clock.setTimer(due - clock.now(), () => {
      this.#waiting = undefined;
      this.#publish();
    });
    this.#waiting = { timer, due };
  }

  #publish(): void {
    const before = this.#service;
    const service = { ...before, holdings: this.#holdings };
    this.#service = service;
    this.#publishedAt = this.#options.clock.now();
    const links = this.#options.links();
    this.#sayTwice(links, (link) => changes(link.records(before), link.records(service)));
  }

  #sayTwice(links: readonly MdnsLink[], recordsFor: (link: MdnsLink) => readonly DnsRecord[]): void {
    const { clock } = this.#options;
    for (const link of links) {
      this.#told.add(link);
      link.announce(recordsFor(link));
    }
    const timer = clock.setTimer(MDNS_RECORD_INTERVAL_MS, () => {
      this.#repeats.delete(timer);
      // What has changed in between has been announced as a change of its own.
      const current = (link: MdnsLink): Set<string> => new Set(link.records(this.#service).map(recordKey));
      for (const link of links) {
        const keys = current(link);
        link.announce(recordsFor(link).filter((record) => keys.has(recordKey(record)) === record.ttl > 0));
      }
    });
    this.#repeats.add(timer);
  }
}

/** New records, and those taken back that no newer one replaces. */
function changes(before: readonly DnsRecord[], after: readonly DnsRecord[]): readonly DnsRecord[] {
  const old = new Set(before.map(recordKey));
  const current = new Set(after.map(recordKey));
  const replaces = new Set(after.filter(({ flush }) => flush).map(({ name, type }) => `${type} ${name}`));
  const ended = before.filter((record) => !current.has(recordKey(record)));
  return [
    ...takenBack(ended.filter(({ name, type }) => !replaces.has(`${type} ${name}`))),
    ...after.filter((record) => !old.has(recordKey(record))),
  ];
}

/** RFC 6762 section 10.1. Not of records that other nodes have just the same: they would be missing there. */
function takenBack(records: readonly DnsRecord[]): readonly DnsRecord[] {
  return records.filter((record) => !isEverybodys(record)).map((record) => ({ ...record, ttl: 0 }));
}

function isMoreThanPieces(before: readonly Holding[], after: readonly Holding[]): boolean {
  const kindOf = ({ infoHash, name, pieces }: Holding): string => `${infoHash} ${pieces.kind} ${name}`;
  const known = new Set(before.map(kindOf));
  return before.length !== after.length || after.some((holding) => !known.has(kindOf(holding)));
}

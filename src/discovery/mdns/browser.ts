import type { PeerId } from '../../holdings/holding.ts';
import {
  MAX_MDNS_POINTERS_PER_SERVICE,
  MAX_MDNS_SERVICES,
  MDNS_KNOWN_ANSWER_MAX_AGE_MS,
  MDNS_TTL_SECONDS,
} from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { Sighting } from '../discovery.ts';
import { type DnsMessage, type DnsQuestion, type DnsRecord, sameName } from './dns-record.ts';
import { subtype } from './service-records.ts';
import { isInstanceOf, SERVICE_TYPE } from './service-types.ts';
import { type AdvertisedNode, decodeTxt } from './txt-record.ts';

export interface BrowserOptions {
  readonly clock: Clock;
  readonly ownPeerId: PeerId;
  heard(sighting: Sighting): void;
  /** A node was heard, with the endpoint it can be asked at. */
  nodeHeard(endpoint: Endpoint): void;
}

/** A service instance on one link, as far as it has been heard. */
interface KnownService {
  /** As it was written, which the others may compare with. */
  readonly name: string;
  port: number | undefined;
  node: AdvertisedNode | undefined;
  lifetimeMs: number;
  /** Names that point to it, with when and for how long. */
  readonly pointers: Map<string, { readonly heardAt: number; readonly ttl: number }>;
}

/**
 * Reads what others say of their services on one link. Claims of addresses are not needed: a node is where its
 * datagrams come from.
 */
export class Browser {
  readonly #options: BrowserOptions;
  /** By instance name, in the order they were last heard. */
  readonly #services = new Map<string, KnownService>();

  constructor(options: BrowserOptions) {
    this.#options = options;
  }

  /** Those that have been heard and not taken back. */
  get services(): number {
    return this.#services.size;
  }

  /** Returns what is missing to know the services that were heard: questions for their SRV and TXT records. */
  hearResponse({ answers, additionals }: DnsMessage, from: Endpoint): readonly DnsQuestion[] {
    const touched = new Set<string>();
    for (const record of [...answers, ...additionals]) {
      const instance = this.#note(record, from);
      if (instance !== undefined) touched.add(instance);
    }
    return [...touched].flatMap((instance) => this.#tell(instance, from));
  }

  /** What need not be answered when `question` is asked (RFC 6762 section 7.1), with the lifetime left. */
  knownAnswers(question: DnsQuestion): readonly DnsRecord[] {
    const now = this.#options.clock.now();
    const known: DnsRecord[] = [];
    for (const { name: instance, pointers } of this.#services.values()) {
      const pointer = pointers.get(question.name.toLowerCase());
      if (pointer === undefined) continue;
      const age = now - pointer.heardAt;
      const fresh = age < MDNS_KNOWN_ANSWER_MAX_AGE_MS && age < pointer.ttl * 500;
      const ttl = Math.floor(pointer.ttl - age / 1_000);
      if (fresh) known.push({ name: question.name, type: 'PTR', data: instance, ttl, flush: false });
    }
    return known;
  }

  /** Returns the name of the instance that the record is about, if it is one of our service. */
  #note(record: DnsRecord, from: Endpoint): string | undefined {
    const instance = record.type === 'PTR' ? record.data : record.name;
    if (!isInstanceOf(SERVICE_TYPE, instance)) return undefined;
    if (record.ttl === 0) {
      this.#leave(instance, record, from);
      return undefined;
    }
    switch (record.type) {
      case 'PTR':
        if (!isServiceName(record.name)) return undefined;
        this.#point(this.#service(instance), record);
        return instance;
      case 'SRV':
        this.#service(instance).port = record.data.port;
        return instance;
      case 'TXT':
        this.#learn(this.#service(instance), record.data, record.ttl);
        return instance;
      default:
        return undefined;
    }
  }

  #point({ pointers }: KnownService, { name, ttl }: DnsRecord): void {
    const key = name.toLowerCase();
    pointers.delete(key);
    pointers.set(key, { heardAt: this.#options.clock.now(), ttl });
    dropOldest(pointers, MAX_MDNS_POINTERS_PER_SERVICE);
  }

  #learn(service: KnownService, strings: readonly Buffer[], ttl: number): void {
    service.node = decodeTxt(strings);
    // Others may promise more than an hour; somebody who is searched for is heard again well before that.
    service.lifetimeMs = Math.min(ttl, MDNS_TTL_SECONDS) * 1_000;
  }

  #service(instance: string): KnownService {
    const key = instance.toLowerCase();
    const service = this.#services.get(key) ?? {
      name: instance,
      port: undefined,
      node: undefined,
      lifetimeMs: 0,
      pointers: new Map(),
    };
    this.#services.delete(key);
    this.#services.set(key, service);
    dropOldest(this.#services, MAX_MDNS_SERVICES);
    return service;
  }

  /** A sub-type that is taken back says that one content is no longer held, anything else that the node leaves. */
  #leave(instance: string, record: DnsRecord, from: Endpoint): void {
    const service = this.#services.get(instance.toLowerCase());
    if (service === undefined) return;
    if (record.type === 'PTR' && !sameName(record.name, SERVICE_TYPE)) {
      service.pointers.delete(record.name.toLowerCase());
      this.#withdraw(service, record.name, from);
      return;
    }
    this.#services.delete(instance.toLowerCase());
    const peerId = service.node?.peerId;
    if (peerId === undefined || this.#isOwn(peerId)) return;
    this.#options.heard({ kind: 'gone', peerId, host: from.host, path: 'mdns' });
  }

  #withdraw(service: KnownService, subtypeName: string, { host }: Endpoint): void {
    const { node } = service;
    const content = node?.contents.find(({ infoHash }) => sameName(subtypeName, subtype(infoHash)));
    if (node === undefined || content === undefined) return;
    const { peerId, contents } = node;
    const { infoHash, version } = content;
    service.node = { peerId, contents: contents.filter((other) => other !== content) };
    if (this.#isOwn(peerId)) return;
    this.#options.heard({ kind: 'withdrawn', peerId, infoHash, version, host, path: 'mdns' });
  }

  #tell(instance: string, from: Endpoint): readonly DnsQuestion[] {
    const service = this.#services.get(instance.toLowerCase());
    if (service === undefined) return [];
    const { port, node, lifetimeMs } = service;
    const missing: DnsQuestion[] = [];
    if (port === undefined) missing.push({ name: instance, type: 'SRV', unicast: false });
    if (lifetimeMs === 0) missing.push({ name: instance, type: 'TXT', unicast: false });
    if (port === undefined || port === 0 || node === undefined) return missing;
    if (this.#isOwn(node.peerId)) return [];
    const { peerId } = node;
    for (const content of node.contents) {
      const holding = { ...content, peerId, port };
      this.#options.heard({ kind: 'holding', holding, host: from.host, path: 'mdns', lifetimeMs });
    }
    this.#options.nodeHeard({ host: from.host, port });
    return [];
  }

  /** What we multicast comes back to us. */
  #isOwn(peerId: PeerId): boolean {
    return peerId === this.#options.ownPeerId;
  }
}

function isServiceName(name: string): boolean {
  const lower = name.toLowerCase();
  return lower === SERVICE_TYPE || lower.endsWith(`._sub.${SERVICE_TYPE}`);
}

function dropOldest<K>(map: Map<K, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

import type { Holding, PeerId } from '../../holdings/holding.ts';
import { MAX_MDNS_ANNOUNCED_CONTENTS, MDNS_TTL_SECONDS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { NetworkInterface } from '../../platform/interfaces.ts';
import type { Random } from '../../platform/random.ts';
import { type DnsQuestion, type DnsRecord, type RecordData, sameName } from './dns-record.ts';
import { SERVICE_TYPE } from './service-types.ts';
import { encodeTxt } from './txt-record.ts';

/** RFC 6763 section 9: the list of all service types on a link. */
export const SERVICE_TYPES = '_services._dns-sd._udp.local';

/** As BEP 26 names it for BitTorrent: those of the service who hold this content. */
export function subtype(infoHash: InfoHash): string {
  return `_${infoHash}._sub.${SERVICE_TYPE}`;
}

/** The names of this process. Random, so nobody else has them and probing is not needed (RFC 6762 section 8.1). */
export interface ServiceNames {
  readonly instance: string;
  readonly host: string;
}

export function randomNames(random: Random): ServiceNames {
  const digits = Buffer.from(random.bytes(8)).toString('hex');
  return { instance: `lanshare-${digits}.${SERVICE_TYPE}`, host: `lanshare-${digits}.local` };
}

/** What a node has to say by mDNS. Nothing at all, where it holds nothing. */
export interface Service {
  readonly names: ServiceNames;
  readonly peerId: PeerId;
  readonly port: number;
  readonly holdings: readonly Holding[];
}

/** A service as one link says it: with the addresses of its interface. */
export interface LinkService {
  readonly service: Service;
  /** SRV, TXT, A and AAAA: of names that are ours alone. */
  readonly unique: readonly DnsRecord[];
}

export function onLink(service: Service, one: NetworkInterface): LinkService {
  return { service, unique: service.holdings.length === 0 ? [] : uniqueRecords(service, one) };
}

/** Everything to announce on one link; sub-types of the first contents only, the others when asked for. */
export function announcedRecords({ service, unique }: LinkService): readonly DnsRecord[] {
  if (service.holdings.length === 0) return [];
  const listed = service.holdings.slice(0, MAX_MDNS_ANNOUNCED_CONTENTS);
  return [
    typeRecord(SERVICE_TYPE),
    pointer(SERVICE_TYPE, service),
    ...unique,
    ...listed.map(({ infoHash }) => pointer(subtype(infoHash), service)),
  ];
}

/** The records that answer a question, and those that belong with them (RFC 6763 section 12). */
export interface Answers {
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export function answersTo(question: DnsQuestion, { service, unique }: LinkService): Answers {
  if (service.holdings.length === 0) return { answers: [], additionals: [] };
  const pointers = matching(question, [typeRecord(SERVICE_TYPE), pointer(SERVICE_TYPE, service)]);
  const asked = [...pointers, ...subtypeAsked(question, service)];
  return answersAmong(question, asked, service.names, unique);
}

/** `pointers` that are asked for, what is asked of `unique`, and what belongs with these. */
export function answersAmong(
  question: DnsQuestion,
  pointers: readonly DnsRecord[],
  names: ServiceNames,
  unique: readonly DnsRecord[],
): Answers {
  const answers = [...pointers, ...matching(question, unique)];
  if (answers.length === 0) return { answers: deniedRecords(question, unique), additionals: [] };
  const namesInstance = answers.some(({ type, data }) => type === 'PTR' && data === names.instance);
  const namesHost = namesInstance || answers.some(({ type }) => type === 'SRV');
  const related = unique.filter(({ name }) => (name === names.host ? namesHost : namesInstance));
  return { answers, additionals: related.filter((record) => !answers.includes(record)) };
}

function subtypeAsked(question: DnsQuestion, service: Service): readonly DnsRecord[] {
  const infoHash = SUBTYPE.exec(question.name.toLowerCase())?.[1];
  const asked = service.holdings.find((holding) => holding.infoHash === infoHash);
  return asked === undefined ? [] : matching(question, [pointer(subtype(asked.infoHash), service)]);
}

const SUBTYPE = /^_([0-9a-f]{40})\._sub\._lanshare\._tcp\.local$/;

export function matching(question: DnsQuestion, records: readonly DnsRecord[]): readonly DnsRecord[] {
  return records.filter(
    ({ name, type }) => sameName(name, question.name) && (question.type === 'ANY' || question.type === type),
  );
}

/** RFC 6762 section 6.1: of a name that is ours alone, we know which types there are not. */
function deniedRecords(question: DnsQuestion, unique: readonly DnsRecord[]): readonly DnsRecord[] {
  const ofName = unique.filter(({ name }) => sameName(name, question.name));
  const [first] = ofName;
  if (first === undefined) return [];
  const rrtypes = [...new Set(ofName.map(({ type }) => type))];
  return [ours(first.name, { type: 'NSEC', data: { nextDomain: first.name, rrtypes } })];
}

export function typeRecord(serviceType: string): DnsRecord {
  return shared(SERVICE_TYPES, { type: 'PTR', data: serviceType });
}

/** Every node of this service has this very record. */
export function isEverybodys({ name }: DnsRecord): boolean {
  return sameName(name, SERVICE_TYPES);
}

function pointer(name: string, { names }: Service): DnsRecord {
  return shared(name, { type: 'PTR', data: names.instance });
}

function uniqueRecords(service: Service, one: NetworkInterface): readonly DnsRecord[] {
  const { names, peerId, port, holdings } = service;
  return [
    ours(names.instance, { type: 'SRV', data: { port, target: names.host } }),
    ours(names.instance, { type: 'TXT', data: encodeTxt(peerId, holdings) }),
    ...addressRecords(names.host, one),
  ];
}

export function addressRecords(host: string, { addresses }: NetworkInterface): readonly DnsRecord[] {
  return addresses.map(({ family, address }) =>
    ours(host, { type: family === 'IPv4' ? 'A' : 'AAAA', data: address }),
  );
}

export function shared(name: string, data: RecordData): DnsRecord {
  return { name, ttl: MDNS_TTL_SECONDS, flush: false, ...data };
}

export function ours(name: string, data: RecordData): DnsRecord {
  return { name, ttl: MDNS_TTL_SECONDS, flush: true, ...data };
}

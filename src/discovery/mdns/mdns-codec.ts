import { EventEmitter } from 'node:events';
import type multicastDns from 'multicast-dns';
import { MAX_DATAGRAM_RECEIVED_BYTES } from '../../limits.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { DnsMessage, DnsQuestion, DnsRecord, RecordData } from './dns-record.ts';
import { readableDnsMessage } from './dns-shape.ts';

export interface MdnsCodecOptions {
  /** Where multicast goes. */
  readonly group: Endpoint;
  onMessage(message: DnsMessage, from: Endpoint): void;
  transmit(bytes: Uint8Array, to: Endpoint): void;
}

export type OutgoingMessage = Partial<DnsMessage> & Pick<DnsMessage, 'kind'>;

/** One link and address family, as messages instead of bytes. */
export interface MdnsCodec {
  /** To be given every datagram that comes; returns what is wrong with it, or hands it to `onMessage`. */
  receive(bytes: Uint8Array, from: Endpoint): MdnsFault | undefined;
  /** To the group, or by unicast. It is transmitted in the next tick. */
  send(message: OutgoingMessage, to?: Endpoint): void;
}

export type MdnsFault = 'too long' | 'malformed';
export type MakeMulticastDns = typeof multicastDns;

/** Takes 10 to 20 ms, so it is loaded only when mDNS is used. */
export async function loadMulticastDns(): Promise<MakeMulticastDns> {
  return (await import('multicast-dns')).default;
}

/**
 * The package multicast-dns on a socket of ours. By itself it knows one interface only, and its socket takes
 * unicast datagrams away from other responders on the machine; so it gets neither binding nor membership to do.
 */
export function makeMdnsCodec(makeMulticastDns: MakeMulticastDns, options: MdnsCodecOptions): MdnsCodec {
  const { group, onMessage, transmit } = options;
  const socket = new EventEmitter();
  const mdns = makeMulticastDns({
    socket: asSocket(socket, transmit),
    bind: false,
    multicast: false,
    port: group.port,
    ip: group.host,
  });
  let fault: MdnsFault | undefined;
  const noteFault = (): void => {
    fault = 'malformed';
  };
  mdns.on('warning', noteFault);
  mdns.on('error', noteFault);
  mdns.on('packet', (packet: DecodedPacket, { address, port }: { address: string; port: number }) => {
    const message = readMessage(packet);
    if (message !== undefined) onMessage(message, { host: address, port });
  });
  return {
    receive(bytes, { host, port }) {
      if (bytes.length > MAX_DATAGRAM_RECEIVED_BYTES) return 'too long';
      const readable = readableDnsMessage(bytes);
      if (readable === undefined) return 'malformed';
      fault = undefined;
      socket.emit('message', readable, { address: host, port });
      return fault;
    },
    send(message, { host, port } = group) {
      const to = { address: host, port };
      if (message.kind === 'query') mdns.query(writeMessage(message), to);
      else mdns.respond(writeMessage(message), to);
    },
  };
}

type PackageRecord = NonNullable<multicastDns.ResponsePacket['answers']>[number];
type PackageQuestion = NonNullable<multicastDns.ResponsePacket['questions']>[number];

/** What the package makes of a datagram; of a decoded one everything is there. */
interface DecodedPacket {
  readonly type: 'query' | 'response';
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly PackageQuestion[];
  readonly answers: readonly PackageRecord[];
  readonly additionals: readonly PackageRecord[];
}

type PackageSocket = NonNullable<multicastDns.Options['socket']>;

/** What of a socket the package uses. */
function asSocket(events: EventEmitter, transmit: MdnsCodecOptions['transmit']): PackageSocket {
  const send = (
    message: Buffer,
    offset: number,
    length: number,
    port: number,
    host: string,
    sent: (error: Error | null) => void,
  ): void => {
    transmit(message.subarray(offset, offset + length), { host, port });
    sent(null);
  };
  const close = (): void => {};
  return Object.assign(events, { send, close }) as unknown as PackageSocket;
}

const TRUNCATED = 1 << 9;
/** Operation code and response code: anything but 0 is ignored (RFC 6762 section 18). */
const OPCODE_AND_RCODE = 0x780f;

function readMessage(packet: DecodedPacket): DnsMessage | undefined {
  const { type, id, flags, questions, answers, additionals } = packet;
  if ((flags & OPCODE_AND_RCODE) !== 0) return undefined;
  return {
    kind: type,
    id,
    truncated: (flags & TRUNCATED) !== 0,
    questions: questions.flatMap((question) => readQuestion(question) ?? []),
    answers: answers.flatMap((record) => readRecord(record) ?? []),
    additionals: additionals.flatMap((record) => readRecord(record) ?? []),
  };
}

/** The package knows no QU bit: with it, the class Internet is 32769 to it, any class 33023. */
const CLASSES: Readonly<Record<string, { readonly unicast: boolean }>> = {
  IN: { unicast: false },
  ANY: { unicast: false },
  UNKNOWN_32769: { unicast: true },
  UNKNOWN_33023: { unicast: true },
};

function readQuestion({ name, type, class: itsClass = 'IN' }: PackageQuestion): DnsQuestion | undefined {
  const known = CLASSES[itsClass];
  return known === undefined ? undefined : { name, type, unicast: known.unicast };
}

function readRecord(record: PackageRecord): DnsRecord | undefined {
  if (record.type === 'OPT' || !('class' in record) || record.class !== 'IN') return undefined;
  const { name, ttl = 0, flush = false } = record;
  const data = readData(record);
  return data === undefined ? undefined : { name, ttl, flush, ...data };
}

function readData(record: PackageRecord): RecordData | undefined {
  switch (record.type) {
    case 'PTR':
    case 'A':
    case 'AAAA':
      return { type: record.type, data: record.data };
    case 'SRV':
      return { type: 'SRV', data: { port: record.data.port, target: record.data.target } };
    case 'TXT':
      return { type: 'TXT', data: [record.data].flat().map((string) => Buffer.from(string)) };
    default:
      return undefined;
  }
}

function writeMessage({ id = 0, questions = [], answers = [], additionals = [] }: OutgoingMessage): {
  id: number;
  questions: PackageQuestion[];
  answers: PackageRecord[];
  additionals: PackageRecord[];
} {
  return {
    id,
    questions: questions.map(({ name, type }) => ({ name, type }) as PackageQuestion),
    answers: answers.map(writeRecord),
    additionals: additionals.map(writeRecord),
  };
}

function writeRecord(record: DnsRecord): PackageRecord {
  const { name, ttl, flush } = record;
  const head = { name, ttl, flush, class: 'IN' } as const;
  switch (record.type) {
    case 'PTR':
    case 'A':
    case 'AAAA':
      return { ...head, type: record.type, data: record.data };
    case 'SRV':
      return { ...head, type: 'SRV', data: { ...record.data } };
    case 'TXT':
      return { ...head, type: 'TXT', data: [...record.data] };
    case 'NSEC':
      return { ...head, type: 'NSEC', data: record.data };
  }
}

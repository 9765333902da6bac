import { MDNS_PORT } from '../../limits.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { GroupLink, LinkPlace } from '../group-links.ts';
import type { DnsMessage, DnsRecord } from './dns-record.ts';
import { inDatagrams } from './in-datagrams.ts';
import { type MakeMulticastDns, type MdnsCodec, makeMdnsCodec } from './mdns-codec.ts';
import { Responder, type ResponderOptions } from './responder.ts';
import { responding } from './responding.ts';
import { isEverybodys } from './service-records.ts';
import { type TrackerService, trackerAnswers, trackerRecords } from './tracker-service.ts';

export interface TrackerLinkOptions extends LinkPlace, Pick<ResponderOptions, 'clock' | 'random'> {
  readonly makeMulticastDns: MakeMulticastDns;
  readonly service: TrackerService;
}

/** What a tracker says by mDNS on one interface and address family. It asks nothing. */
export class TrackerLink implements GroupLink {
  readonly #codec: MdnsCodec;
  readonly #responder: Responder;
  readonly #records: readonly DnsRecord[];

  constructor(options: TrackerLinkOptions) {
    const { makeMulticastDns, group, transmit, service, clock, random } = options;
    const records = trackerRecords(service, options.interface);
    this.#records = records;
    this.#codec = makeMdnsCodec(makeMulticastDns, {
      group,
      transmit,
      onMessage: (message, from) => this.#hear(message, from),
    });
    this.#responder = new Responder({
      clock,
      random,
      answersTo: (question) => trackerAnswers(question, service, options.interface),
      ownRecords: () => records,
      ...responding(this.#codec),
    });
  }

  receive(bytes: Uint8Array, from: Endpoint): void {
    this.#codec.receive(bytes, from);
  }

  announce(): void {
    this.#responder.noteMulticast(this.#records);
    this.#multicast(this.#records);
  }

  /** RFC 6762 section 10.1. */
  goodbye(): void {
    const own = this.#records.filter((record) => !isEverybodys(record));
    this.#multicast(own.map((record) => ({ ...record, ttl: 0 })));
  }

  stop(): void {
    this.#responder.stop();
  }

  #hear(message: DnsMessage, from: Endpoint): void {
    if (message.kind === 'query') this.#responder.hearQuery(message, from);
    else if (from.port === MDNS_PORT) this.#responder.hearResponse(message);
  }

  #multicast(records: readonly DnsRecord[]): void {
    for (const part of inDatagrams(records, [], 0)) this.#codec.send({ kind: 'response', ...part });
  }
}

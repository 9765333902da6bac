import { MAX_DATAGRAM_BYTES, MDNS_PORT } from '../../limits.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { GroupLink, LinkPlace } from '../group-links.ts';
import type { TrackerSighting } from '../lan-trackers.ts';
import { Browser, type BrowserOptions } from './browser.ts';
import {
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  questionBytes,
  splitRecords,
} from './dns-record.ts';
import { encodeQuery } from './encode-query.ts';
import { HEADER_BYTES, inDatagrams } from './in-datagrams.ts';
import { type MakeMulticastDns, type MdnsCodec, type MdnsFault, makeMdnsCodec } from './mdns-codec.ts';
import { Responder, type ResponderOptions } from './responder.ts';
import { responding } from './responding.ts';
import { announcedRecords, answersTo, type LinkService, onLink, type Service } from './service-records.ts';
import { TrackerBrowser } from './tracker-browser.ts';

export interface MdnsLinkOptions
  extends LinkPlace,
    Pick<ResponderOptions, 'clock' | 'random'>,
    Pick<BrowserOptions, 'ownPeerId' | 'heard' | 'nodeHeard'> {
  readonly makeMulticastDns: MakeMulticastDns;
  service(): Service;
  /** Without, no tracker is looked for. */
  readonly trackerHeard: ((sighting: TrackerSighting) => void) | undefined;
  /** Whether questions that an answer left open may be asked now. */
  mayAskBack(): boolean;
}

/** mDNS on one interface and address family: what is asked and said there is nobody's business elsewhere. */
export class MdnsLink implements GroupLink {
  readonly #options: MdnsLinkOptions;
  readonly #codec: MdnsCodec;
  readonly #responder: Responder;
  readonly #browser: Browser;
  readonly #trackers: TrackerBrowser | undefined;
  #linkService: LinkService | undefined;

  constructor(options: MdnsLinkOptions) {
    const { makeMulticastDns, group, transmit } = options;
    this.#options = options;
    this.#codec = makeMdnsCodec(makeMulticastDns, {
      group,
      transmit,
      onMessage: (message, from) => this.#hear(message, from),
    });
    this.#browser = new Browser(options);
    this.#responder = new Responder({
      ...options,
      answersTo: (question) => answersTo(question, this.#here()),
      ownRecords: () => announcedRecords(this.#here()),
      ...responding(this.#codec),
    });
    const { clock, random, trackerHeard: heard } = options;
    const ask = (question: DnsQuestion): void => this.#query([question], []);
    this.#trackers = heard && new TrackerBrowser({ clock, random, ask, heard });
  }

  receive(bytes: Uint8Array, from: Endpoint): MdnsFault | undefined {
    return this.#codec.receive(bytes, from);
  }

  /** Services that have been heard here, our own included. */
  get servicesHeard(): number {
    return this.#browser.services;
  }

  /** Records of the service here, to be announced or taken back. */
  records(service: Service): readonly DnsRecord[] {
    return announcedRecords(onLink(service, this.#options.interface));
  }

  announce(records: readonly DnsRecord[]): void {
    if (records.length === 0) return;
    this.#responder.noteMulticast(records);
    for (const part of inDatagrams(records, [], 0)) this.#codec.send({ kind: 'response', ...part });
  }

  /** Asks the link; says with it what is known, our own pointer included, as far as it fits. */
  ask(question: DnsQuestion): void {
    const own = answersTo(question, this.#here()).answers;
    const known = [...own, ...this.#browser.knownAnswers(question)];
    const [answers = []] = splitRecords(known, MAX_DATAGRAM_BYTES - HEADER_BYTES - questionBytes(question));
    this.#query([question], answers);
  }

  /** Once it can send. */
  lookForTrackers(): void {
    this.#trackers?.begin();
  }

  stop(): void {
    this.#responder.stop();
    this.#trackers?.stop();
  }

  #hear(message: DnsMessage, from: Endpoint): void {
    if (message.kind === 'query') {
      this.#responder.hearQuery(message, from);
      return;
    }
    // RFC 6762 section 6: an answer that does not come from the mDNS port is no answer.
    if (from.port !== MDNS_PORT) return;
    this.#responder.hearResponse(message);
    const questions = [
      ...this.#browser.hearResponse(message, from),
      ...(this.#trackers?.hearResponse(message, from) ?? []),
    ];
    if (questions.length > 0 && this.#options.mayAskBack()) this.#query(questions, []);
  }

  /** Made once a change, as a hostile query asks a hundred questions. */
  #here(): LinkService {
    const service = this.#options.service();
    if (this.#linkService?.service !== service) this.#linkService = onLink(service, this.#options.interface);
    return this.#linkService;
  }

  #query(questions: readonly DnsQuestion[], known: readonly DnsRecord[]): void {
    const { group, transmit } = this.#options;
    const bytes = encodeQuery(questions, known);
    if (bytes !== undefined) transmit(bytes, group);
  }
}

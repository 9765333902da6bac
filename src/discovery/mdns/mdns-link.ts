import { MAX_DATAGRAM_BYTES, MDNS_PORT } from '../../limits.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { GroupLink, LinkPlace } from '../group-links.ts';
import { Browser, type BrowserOptions } from './browser.ts';
import {
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  questionBytes,
  recordBytes,
  splitRecords,
} from './dns-record.ts';
import { encodeQuery } from './encode-query.ts';
import { type MakeMulticastDns, type MdnsCodec, type MdnsFault, makeMdnsCodec } from './mdns-codec.ts';
import { Responder, type ResponderOptions, type UnicastReply } from './responder.ts';
import { announcedRecords, answersTo, type LinkService, onLink, type Service } from './service-records.ts';

export interface MdnsLinkOptions
  extends LinkPlace,
    Pick<ResponderOptions, 'clock' | 'random'>,
    Pick<BrowserOptions, 'ownPeerId' | 'heard' | 'nodeHeard'> {
  readonly makeMulticastDns: MakeMulticastDns;
  service(): Service;
  /** Whether questions that an answer left open may be asked now. */
  mayAskBack(): boolean;
}

/** mDNS on one interface and address family: what is asked and said there is nobody's business elsewhere. */
export class MdnsLink implements GroupLink {
  readonly #options: MdnsLinkOptions;
  readonly #codec: MdnsCodec;
  readonly #responder: Responder;
  readonly #browser: Browser;
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
      multicast: (answers, additionals) => this.#multicast(answers, additionals),
      unicast: (reply, to) => this.#unicast(reply, to),
    });
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
    this.#multicast(records, []);
  }

  /** Asks the link; says with it what is known, our own pointer included, as far as it fits. */
  ask(question: DnsQuestion): void {
    const own = answersTo(question, this.#here()).answers;
    const known = [...own, ...this.#browser.knownAnswers(question)];
    const [answers = []] = splitRecords(known, MAX_DATAGRAM_BYTES - HEADER_BYTES - questionBytes(question));
    this.#query([question], answers);
  }

  stop(): void {
    this.#responder.stop();
  }

  #hear(message: DnsMessage, from: Endpoint): void {
    if (message.kind === 'query') {
      this.#responder.hearQuery(message, from);
      return;
    }
    // RFC 6762 section 6: an answer that does not come from the mDNS port is no answer.
    if (from.port !== MDNS_PORT) return;
    this.#responder.hearResponse(message);
    const questions = this.#browser.hearResponse(message, from);
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

  #multicast(answers: readonly DnsRecord[], additionals: readonly DnsRecord[]): void {
    for (const part of inDatagrams(answers, additionals, 0)) this.#codec.send({ kind: 'response', ...part });
  }

  #unicast({ id, questions, answers, additionals }: UnicastReply, to: Endpoint): void {
    const questionsBytes = questions.reduce((sum, question) => sum + questionBytes(question), 0);
    for (const part of inDatagrams(answers, additionals, questionsBytes))
      this.#codec.send({ kind: 'response', id, questions, ...part }, to);
  }
}

const HEADER_BYTES = 12;

/** Answers over as many datagrams as it takes; additional records where there is room left. */
function inDatagrams(
  answers: readonly DnsRecord[],
  additionals: readonly DnsRecord[],
  questionsBytes: number,
): { readonly answers: readonly DnsRecord[]; readonly additionals: readonly DnsRecord[] }[] {
  const room = MAX_DATAGRAM_BYTES - HEADER_BYTES - questionsBytes;
  const parts = splitRecords(answers, room).map((part) => ({
    answers: part,
    additionals: [] as DnsRecord[],
    left: room - part.reduce((sum, record) => sum + recordBytes(record), 0),
  }));
  for (const record of additionals) {
    const size = recordBytes(record);
    const part = parts.find(({ left }) => left >= size);
    if (part === undefined) continue;
    part.additionals.push(record);
    part.left -= size;
  }
  return parts;
}

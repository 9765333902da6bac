import {
  MAX_MDNS_PENDING_ANSWERS,
  MDNS_LEGACY_TTL_SECONDS,
  MDNS_PORT,
  MDNS_RECORD_INTERVAL_MS,
  MDNS_SHARED_DELAY_MAX_MS,
  MDNS_SHARED_DELAY_MIN_MS,
  MDNS_TRUNCATED_DELAY_MAX_MS,
  MDNS_TRUNCATED_DELAY_MIN_MS,
  MDNS_TTL_SECONDS,
} from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Random } from '../../platform/random.ts';
import { type DnsMessage, type DnsQuestion, type DnsRecord, recordKey } from './dns-record.ts';
import type { Answers } from './service-records.ts';

export interface ResponderOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Our records for a question. */
  answersTo(question: DnsQuestion): Answers;
  multicast(answers: readonly DnsRecord[], additionals: readonly DnsRecord[]): void;
  /** `id` and `questions` as RFC 6762 section 6.7 wants them for a simple resolver; 0 and none otherwise. */
  unicast(reply: UnicastReply, to: Endpoint): void;
}

export interface UnicastReply {
  readonly id: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

const QUARTER_LIFETIME_MS = MDNS_TTL_SECONDS * 250;

interface PendingAnswer {
  readonly answers: Map<string, DnsRecord>;
  readonly additionals: Map<string, DnsRecord>;
  /** Who asked, as long as more of his known answers may come. */
  readonly asker: string | undefined;
  readonly timer: Timer;
}

/** Answers the questions that come in by one interface and address family (RFC 6762 section 6). */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #pending = new Set<PendingAnswer>();
  /** When each record was last multicast here. */
  readonly #multicastAt = new Map<string, number>();

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  hearQuery(query: DnsMessage, from: Endpoint): void {
    if (query.questions.length === 0) this.#hearMoreKnownAnswers(query, from);
    const found = this.#answer(query);
    if (found.answers.length === 0) return;
    if (from.port !== MDNS_PORT) this.#answerSimpleResolver(query, found, from);
    else if (query.questions.every(({ unicast }) => unicast) && !this.#isMulticastDue(found.answers))
      this.#options.unicast({ id: 0, questions: [], ...found }, from);
    else this.#multicastLater(query, found, from);
  }

  /** Somebody else has just said what we were about to say (RFC 6762 section 7.4). */
  hearResponse({ answers }: DnsMessage): void {
    for (const record of answers)
      for (const pending of this.#pending) {
        const ours = pending.answers.get(recordKey(record));
        if (ours !== undefined && record.ttl >= ours.ttl) pending.answers.delete(recordKey(record));
      }
  }

  /** To be told of what is multicast otherwise, as announcements. */
  noteMulticast(records: readonly DnsRecord[]): void {
    const now = this.#options.clock.now();
    for (const [key, at] of this.#multicastAt)
      if (now - at > QUARTER_LIFETIME_MS) this.#multicastAt.delete(key);
    for (const record of records) this.#multicastAt.set(recordKey(record), now);
  }

  stop(): void {
    for (const { timer } of this.#pending) timer.cancel();
    this.#pending.clear();
  }

  /** What we have, without what the asker knows for at least half its lifetime (RFC 6762 section 7.1). */
  #answer(query: DnsMessage): Answers {
    const known = knownKeys(query);
    const answers = new Map<string, DnsRecord>();
    const additionals = new Map<string, DnsRecord>();
    for (const question of query.questions) {
      const found = this.#options.answersTo(question);
      for (const record of found.answers)
        if (!known.has(recordKey(record))) answers.set(recordKey(record), record);
      if (answers.size > 0)
        for (const record of found.additionals) additionals.set(recordKey(record), record);
    }
    for (const key of answers.keys()) additionals.delete(key);
    return { answers: [...answers.values()], additionals: [...additionals.values()] };
  }

  /** RFC 6762 section 6.7: to the port it asked from, with its id and question, and short lifetimes. */
  #answerSimpleResolver(
    { id, questions }: DnsMessage,
    { answers, additionals }: Answers,
    to: Endpoint,
  ): void {
    const plain = (record: DnsRecord): DnsRecord => ({
      ...record,
      ttl: Math.min(record.ttl, MDNS_LEGACY_TTL_SECONDS),
      flush: false,
    });
    const reply = { id, questions, answers: answers.map(plain), additionals: additionals.map(plain) };
    this.#options.unicast(reply, to);
  }

  /** RFC 6762 section 5.4: what the link has not heard for a quarter of its lifetime is multicast even so. */
  #isMulticastDue(answers: readonly DnsRecord[]): boolean {
    return answers.some((record) => this.#sinceMulticast(record) > QUARTER_LIFETIME_MS);
  }

  #multicastLater(query: DnsMessage, found: Answers, from: Endpoint): void {
    if (this.#pending.size >= MAX_MDNS_PENDING_ANSWERS) return;
    const timer = this.#options.clock.setTimer(this.#delayMs(query, found), () => {
      this.#pending.delete(pending);
      this.#multicast(pending);
    });
    const pending: PendingAnswer = {
      answers: new Map(found.answers.map((record) => [recordKey(record), record])),
      additionals: new Map(found.additionals.map((record) => [recordKey(record), record])),
      asker: query.truncated ? formatEndpoint(from) : undefined,
      timer,
    };
    this.#pending.add(pending);
  }

  /** Records that others may have too wait a random time, so that answers do not collide; ours alone do not. */
  #delayMs({ truncated }: DnsMessage, { answers }: Answers): number {
    const random = this.#options.random.next();
    const between = (least: number, most: number): number => least + random * (most - least);
    if (truncated) return between(MDNS_TRUNCATED_DELAY_MIN_MS, MDNS_TRUNCATED_DELAY_MAX_MS);
    if (answers.every(({ flush }) => flush)) return 0;
    return between(MDNS_SHARED_DELAY_MIN_MS, MDNS_SHARED_DELAY_MAX_MS);
  }

  #multicast({ answers, additionals }: PendingAnswer): void {
    const due = [...answers.values()].filter(
      (record) => this.#sinceMulticast(record) >= MDNS_RECORD_INTERVAL_MS,
    );
    if (due.length === 0) return;
    this.noteMulticast(due);
    this.#options.multicast(due, [...additionals.values()]);
  }

  #sinceMulticast(record: DnsRecord): number {
    return this.#options.clock.now() - (this.#multicastAt.get(recordKey(record)) ?? Number.NEGATIVE_INFINITY);
  }

  #hearMoreKnownAnswers(query: DnsMessage, from: Endpoint): void {
    const known = knownKeys(query);
    for (const { asker, answers } of this.#pending) {
      if (asker !== formatEndpoint(from)) continue;
      for (const key of known) answers.delete(key);
    }
  }
}

function knownKeys({ answers }: DnsMessage): ReadonlySet<string> {
  return new Set(answers.filter(({ ttl }) => ttl >= MDNS_TTL_SECONDS / 2).map(recordKey));
}

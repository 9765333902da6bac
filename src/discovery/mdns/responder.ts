import {
  MAX_MDNS_PENDING_ANSWERS,
  MAX_MDNS_QUESTIONS,
  MDNS_LEGACY_TTL_SECONDS,
  MDNS_PORT,
  MDNS_RECORD_INTERVAL_MS,
  MDNS_SHARED_DELAY_MAX_MS,
  MDNS_SHARED_DELAY_MIN_MS,
  MDNS_TRUNCATED_DELAY_MAX_MS,
  MDNS_TRUNCATED_DELAY_MIN_MS,
  MDNS_TTL_SECONDS,
  MDNS_UNICAST_ANSWERS_PER_SOURCE_PER_SECOND,
} from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Random } from '../../platform/random.ts';
import { SourceLimiter } from '../source-limiter.ts';
import { type DnsMessage, type DnsQuestion, type DnsRecord, recordKey } from './dns-record.ts';
import type { Answers } from './service-records.ts';

export interface ResponderOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Our records for a question. */
  answersTo(question: DnsQuestion): Answers;
  /** All that has been announced and holds. */
  ownRecords(): readonly DnsRecord[];
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
/** They are repeated in the answer; a simple resolver asks one, or an address of each family. */
const MAX_SIMPLE_QUESTIONS = 2;

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
  /** Unicast answers, which are larger than what was asked. */
  readonly #unicasts: SourceLimiter;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#unicasts = new SourceLimiter(options.clock, MDNS_UNICAST_ANSWERS_PER_SOURCE_PER_SECOND);
  }

  hearQuery(query: DnsMessage, from: Endpoint): void {
    if (query.questions.length === 0) this.#hearMoreKnownAnswers(query, from);
    const found = this.#answer(query);
    if (found.answers.length === 0) return;
    if (from.port !== MDNS_PORT) this.#answerSimpleResolver(query, found, from);
    else if (this.#mayAnswerByUnicast(query, found, from))
      this.#options.unicast({ id: 0, questions: [], ...found }, from);
    else this.#multicastSoon(found, this.#delayMs(query, found), from, query.truncated);
  }

  /** What others say of records that are ours, too. */
  hearResponse({ answers }: DnsMessage): void {
    for (const record of answers) this.#beSilentAbout(record);
    this.#correct(answers.filter(({ ttl }) => ttl < MDNS_TTL_SECONDS / 2));
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
    const answers = new Set<DnsRecord>();
    const additionals = new Set<DnsRecord>();
    for (const question of query.questions.slice(0, MAX_MDNS_QUESTIONS)) {
      const found = this.#options.answersTo(question);
      for (const record of found.answers) answers.add(record);
      for (const record of found.additionals) additionals.add(record);
    }
    const wanted = byKey(answers);
    for (const key of known) wanted.delete(key);
    if (wanted.size === 0) return { answers: [], additionals: [] };
    const related = [...byKey(additionals)].filter(([key]) => !wanted.has(key)).map(([, record]) => record);
    return { answers: [...wanted.values()], additionals: related };
  }

  /** RFC 6762 section 6.7: to the port it asked from, with its id and question, and short lifetimes. */
  #answerSimpleResolver(
    { id, questions }: DnsMessage,
    { answers, additionals }: Answers,
    to: Endpoint,
  ): void {
    if (questions.length > MAX_SIMPLE_QUESTIONS || !this.#unicasts.take(to.host)) return;
    const plain = (record: DnsRecord): DnsRecord => ({
      ...record,
      ttl: Math.min(record.ttl, MDNS_LEGACY_TTL_SECONDS),
      flush: false,
    });
    const reply = { id, questions, answers: answers.map(plain), additionals: additionals.map(plain) };
    this.#options.unicast(reply, to);
  }

  /** RFC 6762 section 5.4: what the link has not heard for a quarter of its lifetime is multicast even so. */
  #mayAnswerByUnicast({ questions }: DnsMessage, { answers }: Answers, { host }: Endpoint): boolean {
    if (!questions.every(({ unicast }) => unicast)) return false;
    if (answers.some((record) => this.#sinceMulticast(record) > QUARTER_LIFETIME_MS)) return false;
    return this.#unicasts.take(host);
  }

  #multicastSoon(found: Answers, delayMs: number, asker?: Endpoint, moreToCome = false): void {
    if (this.#pending.size >= MAX_MDNS_PENDING_ANSWERS) return;
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#pending.delete(pending);
      this.#multicast(pending);
    });
    const pending: PendingAnswer = {
      answers: byKey(found.answers),
      additionals: byKey(found.additionals),
      asker: asker !== undefined && moreToCome ? formatEndpoint(asker) : undefined,
      timer,
    };
    this.#pending.add(pending);
  }

  /** Somebody else has just said what we were about to say (RFC 6762 section 7.4). */
  #beSilentAbout(record: DnsRecord): void {
    for (const { answers } of this.#pending) {
      const ours = answers.get(recordKey(record));
      if (ours !== undefined && record.ttl >= ours.ttl) answers.delete(recordKey(record));
    }
  }

  /** Somebody else lets records end that hold here (RFC 6762 section 6.6). */
  #correct(ending: readonly DnsRecord[]): void {
    if (ending.length === 0) return;
    const keys = new Set(ending.map(recordKey));
    for (const { answers } of this.#pending) for (const key of answers.keys()) keys.delete(key);
    const wrong = this.#options.ownRecords().filter((record) => keys.has(recordKey(record)));
    if (wrong.length === 0) return;
    const pause = MDNS_RECORD_INTERVAL_MS - Math.min(...wrong.map((record) => this.#sinceMulticast(record)));
    this.#multicastSoon({ answers: wrong, additionals: [] }, Math.max(this.#sharedDelayMs(), pause));
  }

  /** Records that others may have too wait a random time, so that answers do not collide; ours alone do not. */
  #delayMs({ truncated }: DnsMessage, { answers }: Answers): number {
    if (truncated) return this.#between(MDNS_TRUNCATED_DELAY_MIN_MS, MDNS_TRUNCATED_DELAY_MAX_MS);
    return answers.every(({ flush }) => flush) ? 0 : this.#sharedDelayMs();
  }

  #sharedDelayMs(): number {
    return this.#between(MDNS_SHARED_DELAY_MIN_MS, MDNS_SHARED_DELAY_MAX_MS);
  }

  #between(least: number, most: number): number {
    return least + this.#options.random.next() * (most - least);
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

function byKey(records: Iterable<DnsRecord>): Map<string, DnsRecord> {
  return new Map([...records].map((record) => [recordKey(record), record]));
}

function knownKeys({ answers }: DnsMessage): ReadonlySet<string> {
  return new Set(answers.filter(({ ttl }) => ttl >= MDNS_TTL_SECONDS / 2).map(recordKey));
}

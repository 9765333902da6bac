import { MDNS_QUERY_FIRST_REPEAT_MS, MDNS_QUERY_MAX_REPEAT_MS } from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import type { Query } from '../discovery.ts';
import type { DnsQuestion } from './dns-record.ts';
import { subtype } from './service-records.ts';
import { SERVICE_TYPE } from './service-types.ts';

/** Searches under way: each asks at once and again at growing intervals (RFC 6762 section 5.2). */
export class Searches {
  readonly #clock: Clock;
  readonly #ask: (question: DnsQuestion) => void;
  readonly #searches = new Set<Search>();

  constructor(clock: Clock, ask: (question: DnsQuestion) => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  seek(query: Query): () => void {
    const search = new Search(questionFor(query), this.#clock, this.#ask);
    this.#searches.add(search);
    search.start();
    return () => {
      search.stop();
      this.#searches.delete(search);
    };
  }

  /** Asks all again at once, as on a link that has just appeared. */
  askAgain(): void {
    for (const search of this.#searches) search.start();
  }

  stop(): void {
    for (const search of this.#searches) search.stop();
    this.#searches.clear();
  }
}

class Search {
  readonly #question: DnsQuestion;
  readonly #clock: Clock;
  readonly #ask: (question: DnsQuestion) => void;
  #timer: Timer | undefined;

  constructor(question: DnsQuestion, clock: Clock, ask: (question: DnsQuestion) => void) {
    this.#question = question;
    this.#clock = clock;
    this.#ask = ask;
  }

  start(): void {
    this.stop();
    this.#askThenAfter(MDNS_QUERY_FIRST_REPEAT_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #askThenAfter(delayMs: number): void {
    this.#ask(this.#question);
    const next = Math.min(MDNS_QUERY_MAX_REPEAT_MS, 2 * delayMs);
    this.#timer = this.#clock.setTimer(delayMs, () => this.#askThenAfter(next));
  }
}

/** By hash only those who hold it answer; names do not stand in sub-types, so everybody does. */
function questionFor(query: Query): DnsQuestion {
  const name = query.kind === 'infoHash' ? subtype(query.infoHash) : SERVICE_TYPE;
  return { name, type: 'PTR', unicast: false };
}

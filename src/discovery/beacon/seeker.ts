import type { PeerId } from '../../holdings/holding.ts';
import { matchesQuery } from '../../holdings/query.ts';
import {
  HOLDING_TTL_MS,
  MAX_ANSWERS_REMEMBERED,
  MAX_HOLDINGS_PER_PEER,
  MAX_KNOWN_PEERS_IN_QUERY,
  MAX_SINGLE_QUESTIONS,
  QUERY_FIRST_REPEAT_MS,
  QUERY_MAX_REPEAT_MS,
} from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type Random, randomInteger } from '../../platform/random.ts';
import type { Query } from '../discovery.ts';
import { type AnswerMark, type BeaconHoldings, peerMark } from './beacon-message.ts';

export interface Asking {
  readonly asked: Query;
  readonly transaction: number;
  readonly known: readonly string[];
}

export interface SeekerOptions {
  readonly clock: Clock;
  readonly random: Random;
  ask(asking: Asking): void;
}

/** Searches under way: each asks at once and again at growing intervals, naming the peers that have answered. */
export class Seeker {
  readonly #options: SeekerOptions;
  readonly #searches = new Set<Search>();
  /** Questions that were asked of single nodes; the latest one last. */
  #single: readonly Search[] = [];

  constructor(options: SeekerOptions) {
    this.#options = options;
  }

  seek(query: Query): () => void {
    const search = new Search(query, this.#options);
    this.#searches.add(search);
    search.ask();
    return () => {
      search.stop();
      this.#searches.delete(search);
    };
  }

  hear(message: BeaconHoldings): void {
    for (const search of [...this.#searches, ...this.#single]) search.hear(message);
  }

  /** What is asked now, for a node that was found otherwise. */
  askings(): readonly Asking[] {
    return [...this.#searches].map((search) => search.asking());
  }

  /**
   * A question to one node, which is heard and asked on for like those of a search; undefined where it has answered
   * it already.
   */
  askOne(query: Query, peerId: PeerId): Asking | undefined {
    const known = [...this.#searches, ...this.#single].find((search) => sameQuery(search.query, query));
    const search = known ?? new Search(query, this.#options);
    if (known === undefined) this.#single = [...this.#single, search].slice(-MAX_SINGLE_QUESTIONS);
    return search.isAnsweredBy(peerId) ? undefined : search.asking();
  }

  /** What to ask a node that has sent the beginning of an answer; nothing where it was not asked. */
  continuation({ transaction }: AnswerMark): Asking | undefined {
    return [...this.#searches, ...this.#single].find((search) => search.asked(transaction))?.asking();
  }

  /** Asks all again at once, as on a network that has just appeared. */
  askAgain(): void {
    for (const search of this.#searches) search.restart();
  }

  stop(): void {
    for (const search of this.#searches) search.stop();
    this.#searches.clear();
  }
}

function sameQuery(one: Query, other: Query): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What one peer has told of a search. */
interface PeerAnswer {
  readonly contents: Set<InfoHash>;
  /** Records its answer has; unknown as long as only announcements came. */
  total: number | undefined;
  heardAt: number;
}

class Search {
  readonly query: Query;
  readonly #options: SeekerOptions;
  /** The upper 24 bits of its transactions; the lower 8 count the askings. */
  readonly #id: number;
  readonly #answers = new Map<PeerId, PeerAnswer>();
  #askings = 0;
  #repeatMs = QUERY_FIRST_REPEAT_MS;
  #timer: Timer | undefined;

  constructor(query: Query, options: SeekerOptions) {
    this.query = query;
    this.#options = options;
    this.#id = randomInteger(options.random, 2 ** 24);
  }

  ask(): void {
    const { clock, random, ask } = this.#options;
    ask(this.asking());
    // Fetchers that were started together shall not go on in step.
    const delayMs = this.#repeatMs * (0.9 + 0.2 * random.next());
    this.#repeatMs = Math.min(QUERY_MAX_REPEAT_MS, 2 * this.#repeatMs);
    this.#timer = clock.setTimer(delayMs, () => this.ask());
  }

  asking(): Asking {
    const transaction = this.#id * 256 + (this.#askings++ % 256);
    return { asked: this.query, transaction, known: this.#known() };
  }

  asked(transaction: number): boolean {
    return Math.floor(transaction / 256) === this.#id;
  }

  restart(): void {
    this.stop();
    this.#repeatMs = QUERY_FIRST_REPEAT_MS;
    this.ask();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  hear({ peerId, holdings, answer: mark }: BeaconHoldings): void {
    const matching = holdings.filter((holding) => matchesQuery(this.query, holding));
    if (matching.length === 0) return;
    const answer = this.#answerOf(peerId);
    answer.heardAt = this.#options.clock.now();
    if (mark !== undefined && this.asked(mark.transaction)) answer.total = mark.total;
    for (const { infoHash } of matching)
      if (answer.contents.size < MAX_HOLDINGS_PER_PEER) answer.contents.add(infoHash);
  }

  #answerOf(peerId: PeerId): PeerAnswer {
    const total = this.query.kind === 'infoHash' ? 1 : undefined;
    const answer = this.#answers.get(peerId) ?? { contents: new Set(), total, heardAt: 0 };
    this.#answers.delete(peerId);
    this.#answers.set(peerId, answer);
    if (this.#answers.size > MAX_ANSWERS_REMEMBERED) {
      const [oldest] = this.#answers.keys();
      if (oldest !== undefined) this.#answers.delete(oldest);
    }
    return answer;
  }

  /** Its answer is whole, and young enough that it need not be said again. */
  isAnsweredBy(peerId: PeerId): boolean {
    const answer = this.#answers.get(peerId);
    if (answer?.total === undefined || answer.contents.size < answer.total) return false;
    return answer.heardAt >= this.#options.clock.now() - HOLDING_TTL_MS / 2;
  }

  /** The latest ones of those who have answered, if they are many. */
  #known(): readonly string[] {
    const whole = [...this.#answers.keys()].filter((peerId) => this.isAnsweredBy(peerId));
    return whole.slice(-MAX_KNOWN_PEERS_IN_QUERY).map(peerMark);
  }
}

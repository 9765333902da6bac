import type { Holding, PeerId } from '../../holdings/holding.ts';
import { matchesQuery } from '../../holdings/query.ts';
import {
  ANSWER_AT_ONCE_PEERS,
  ANSWER_BYTES_PER_SOURCE_PER_SECOND,
  ANSWER_SPREAD_PER_PEER_MS,
  ANSWER_UNPROVEN_FACTOR,
  MAX_ANSWER_DATAGRAMS,
  MAX_QUERIES_REMEMBERED,
  QUERY_REPEAT_HOLD_MS,
} from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Random } from '../../platform/random.ts';
import { SourceLimiter } from '../source-limiter.ts';
import { AddressCookies } from './address-cookies.ts';
import { type BeaconQuery, peerMark } from './beacon-message.ts';
import { encodeAnswerStart, encodeHoldings, splitHoldings } from './encode-beacon.ts';

export interface AnswererOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly peerId: PeerId;
  readonly port: number;
  /** What we hold, and for how long an answer is good. */
  holdings(): Iterable<Holding>;
  lifetimeMs(): number;
  /** Nodes heard lately. */
  nodes(): number;
  /** Whether the address is on this LAN. */
  isLocal(host: string): boolean;
  send(datagrams: readonly Uint8Array[], to: Endpoint): void;
}

/** Why a query is not answered although we hold what it asks for. */
export type Refusal = 'not from this LAN' | 'answers a second';

/** Answers queries by unicast, with all that matches, within limits that make it useless to flood others with. */
export class Answerer {
  readonly #options: AnswererOptions;
  readonly #answerBytes: SourceLimiter;
  /** The query and where it came from, and until when it is taken for the same one. */
  readonly #recent = new Map<string, number>();
  readonly #delayed = new Set<Timer>();
  readonly #cookies: AddressCookies;

  constructor(options: AnswererOptions) {
    this.#options = options;
    this.#cookies = new AddressCookies(options.random);
    this.#answerBytes = new SourceLimiter(options.clock, ANSWER_BYTES_PER_SOURCE_PER_SECOND);
  }

  /**
   * `queryBytes`: the size of the query's datagram. Returns why it refused, where it did. Nothing that matches, or
   * known already, is silence without a reason.
   */
  hear(query: BeaconQuery, from: Endpoint, queryBytes: number): Refusal | undefined {
    const { peerId, isLocal } = this.#options;
    if (query.known.includes(peerMark(peerId))) return undefined;
    const matching = [...this.#options.holdings()].filter((holding) => matchesQuery(query.asked, holding));
    if (matching.length === 0) return undefined;
    if (!isLocal(from.host)) return 'not from this LAN';
    if (this.#isRepeat(query, from)) return undefined;

    const answer = this.#answer(query, matching, from, queryBytes);
    const bytes = answer.reduce((sum, { length }) => sum + length, 0);
    if (!this.#answerBytes.take(from.host, bytes)) return 'answers a second';
    this.#sendInTime(answer, from);
    return undefined;
  }

  /** All of it; or, where it is too long for an address that nothing has proven, its beginning. */
  #answer(
    query: BeaconQuery,
    matching: readonly Holding[],
    { host }: Endpoint,
    queryBytes: number,
  ): readonly Uint8Array[] {
    const parts = splitHoldings(matching).slice(0, MAX_ANSWER_DATAGRAMS);
    const holdings = parts.flat();
    if (this.#cookies.accepts(host, query.cookie)) return this.#encode(query, holdings);
    const room = ANSWER_UNPROVEN_FACTOR * queryBytes;
    // Who forges addresses shall not have us write out a long answer each time.
    const whole = parts.length === 1 ? this.#encode(query, holdings) : [];
    const fits = whole.length === 1 && (whole[0]?.length ?? 0) <= room;
    return fits ? whole : [this.#encodeStart(query, holdings, this.#cookies.for(host), room)];
  }

  stop(): void {
    for (const timer of this.#delayed) timer.cancel();
  }

  #encode({ transaction }: BeaconQuery, holdings: readonly Holding[]): readonly Uint8Array[] {
    const { peerId, port } = this.#options;
    const lifetimeMs = this.#options.lifetimeMs();
    const answer = { transaction, total: holdings.length, cookie: undefined };
    return encodeHoldings({ peerId, port, holdings, withdrawn: [], lifetimeMs, answer });
  }

  #encodeStart(
    { transaction }: BeaconQuery,
    holdings: readonly Holding[],
    cookie: Uint8Array,
    room: number,
  ): Uint8Array {
    const { peerId, port, lifetimeMs } = this.#options;
    const answer = { transaction, total: holdings.length, cookie };
    return encodeAnswerStart({ peerId, port, holdings, lifetimeMs: lifetimeMs(), answer }, room);
  }

  /** At once; with very many nodes at a random moment, as they would all answer together. */
  #sendInTime(datagrams: readonly Uint8Array[], to: Endpoint): void {
    const { clock, random, nodes, send } = this.#options;
    const others = nodes();
    if (others <= ANSWER_AT_ONCE_PEERS) {
      send(datagrams, to);
      return;
    }
    const timer = clock.setTimer(random.next() * others * ANSWER_SPREAD_PER_PEER_MS, () => {
      this.#delayed.delete(timer);
      send(datagrams, to);
    });
    this.#delayed.add(timer);
  }

  /** A query comes by multicast and by broadcast from the same socket. */
  #isRepeat({ transaction }: BeaconQuery, from: Endpoint): boolean {
    const now = this.#options.clock.now();
    const key = `${transaction} ${formatEndpoint(from)}`;
    const repeat = (this.#recent.get(key) ?? 0) > now;
    this.#recent.delete(key);
    this.#recent.set(key, now + QUERY_REPEAT_HOLD_MS);
    if (this.#recent.size > MAX_QUERIES_REMEMBERED) {
      const [oldest] = this.#recent.keys();
      if (oldest !== undefined) this.#recent.delete(oldest);
    }
    return repeat;
  }
}

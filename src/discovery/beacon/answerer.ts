import type { Holding, PeerId } from '../../holdings/holding.ts';
import { matchesQuery } from '../../holdings/query.ts';
import {
  ANSWER_AT_ONCE_PEERS,
  ANSWER_BYTES_PER_SOURCE_PER_SECOND,
  ANSWER_SPREAD_PER_PEER_MS,
  MAX_ANSWER_DATAGRAMS,
  MAX_DATAGRAM_BYTES,
  MAX_QUERIES_REMEMBERED,
  QUERY_REPEAT_HOLD_MS,
} from '../../limits.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Random } from '../../platform/random.ts';
import { SourceLimiter } from '../source-limiter.ts';
import { type BeaconQuery, peerPrefix } from './beacon-message.ts';
import { encodeHoldings, splitHoldings } from './encode-beacon.ts';

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

  constructor(options: AnswererOptions) {
    this.#options = options;
    this.#answerBytes = new SourceLimiter(options.clock, ANSWER_BYTES_PER_SOURCE_PER_SECOND);
  }

  /** Returns why it refused, where it did. Nothing that matches, or known already, is silence without a reason. */
  hear(query: BeaconQuery, from: Endpoint): Refusal | undefined {
    const { peerId, isLocal } = this.#options;
    if (query.known.includes(peerPrefix(peerId))) return undefined;
    const matching = [...this.#options.holdings()].filter((holding) => matchesQuery(query.asked, holding));
    if (matching.length === 0) return undefined;
    if (!isLocal(from.host)) return 'not from this LAN';
    if (this.#isRepeat(query, from)) return undefined;

    const parts = splitHoldings(matching).slice(0, MAX_ANSWER_DATAGRAMS);
    if (!this.#answerBytes.take(from.host, parts.length * MAX_DATAGRAM_BYTES)) return 'answers a second';
    this.#sendInTime(this.#encode(query, parts.flat()), from);
    return undefined;
  }

  stop(): void {
    for (const timer of this.#delayed) timer.cancel();
  }

  #encode({ transaction }: BeaconQuery, holdings: readonly Holding[]): readonly Uint8Array[] {
    const { peerId, port } = this.#options;
    const lifetimeMs = this.#options.lifetimeMs();
    const answer = { transaction, total: holdings.length };
    return encodeHoldings({ peerId, port, holdings, withdrawn: [], lifetimeMs, answer });
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

import { BEACON_KIND, BEACON_VERSION, type BeaconHoldings } from '../../discovery/beacon/beacon-message.ts';
import { decodeBeacon } from '../../discovery/beacon/decode-beacon.ts';
import { encodeQuery } from '../../discovery/beacon/encode-beacon.ts';
import { type Asking, Seeker } from '../../discovery/beacon/seeker.ts';
import type { HeardNode } from '../../discovery/discovery.ts';
import { SourceLimiter } from '../../discovery/source-limiter.ts';
import type { PeerId } from '../../holdings/holding.ts';
import type { Query } from '../../holdings/query.ts';
import {
  ANSWER_CONTINUATIONS_PER_SECOND,
  DATAGRAMS_PER_SOURCE_PER_SECOND,
  HOLDING_TTL_MS,
  INQUIRIES_PER_SECOND,
  MAX_NAMES_ASKED_PER_ROUND,
  MAX_NODES_ASKED_FOR_NAME,
  NAMES_ASKED_INTERVAL_MS,
} from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import { type Clock, repeat, type Timer } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import { type Random, randomInteger } from '../../platform/random.ts';
import { ToldNames } from './told-names.ts';
import type { TrackerDatagrams } from './tracker-datagrams.ts';

export interface NameQuestionsOptions {
  readonly peerId: PeerId;
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly lan: TrackerDatagrams;
  /** Contents that are to have a name, the most important one first. Asked for once a round at most. */
  readonly unnamed: () => readonly InfoHash[];
  /** Nodes that may hold the content. */
  readonly membersFor: (query: Query) => readonly HeardNode[];
}

/**
 * Asks nodes that gossip with the tracker what the contents that they hold are called, as one who fetches by info-hash
 * would: a beacon query by unicast, to a few nodes whose digest says that they hold it. Nothing is asked of a tracker's
 * other clients, whose port may be of any protocol.
 */
export class NameQuestions {
  readonly #options: NameQuestionsOptions;
  readonly #names: ToldNames;
  readonly #seeker: Seeker;
  /** To read one takes as long as to answer dozens of announcements. */
  readonly #limiter: SourceLimiter;
  readonly #inquiries: SourceLimiter;
  readonly #continuations: SourceLimiter;
  readonly #rounds: Timer;
  readonly #endUse: () => Promise<void>;
  /** Contents in the order they were looked at last; only such are believed a name for. */
  #looked: ReadonlySet<InfoHash> = new Set();

  constructor(options: NameQuestionsOptions) {
    const { clock, random, lan } = options;
    this.#options = options;
    this.#names = new ToldNames(clock);
    this.#seeker = new Seeker({ clock, random, ask() {} });
    this.#limiter = new SourceLimiter(clock, DATAGRAMS_PER_SOURCE_PER_SECOND);
    this.#inquiries = new SourceLimiter(clock, INQUIRIES_PER_SECOND);
    this.#continuations = new SourceLimiter(clock, ANSWER_CONTINUATIONS_PER_SECOND);
    this.#endUse = lan.use({
      takes: isHoldings,
      receive: (bytes, from) => this.#receive(bytes, from),
      onNewWay() {},
    });
    this.#rounds = repeat(clock, NAMES_ASKED_INTERVAL_MS, () => this.#askRound());
  }

  nameOf(infoHash: InfoHash): string | undefined {
    return this.#names.nameOf(infoHash);
  }

  async close(): Promise<void> {
    this.#rounds.cancel();
    await this.#endUse();
  }

  /** Those that were not looked at so far come first, then those that were longest ago. */
  #askRound(): void {
    const unnamed = this.#options.unnamed().filter((infoHash) => this.#names.isToBeAsked(infoHash));
    const wanted = new Set(unnamed);
    const waiting = [...this.#looked].filter((infoHash) => wanted.has(infoHash));
    const news = unnamed.filter((infoHash) => !this.#looked.has(infoHash));
    const now = [...news, ...waiting].slice(0, MAX_NAMES_ASKED_PER_ROUND);
    for (const infoHash of now) wanted.delete(infoHash);
    this.#looked = new Set([...waiting.filter((infoHash) => wanted.has(infoHash)), ...now]);
    for (const infoHash of now) this.#askFor(infoHash);
  }

  #askFor(infoHash: InfoHash): void {
    const { membersFor, random } = this.#options;
    const query: Query = { kind: 'infoHash', infoHash };
    const members = [...membersFor(query)];
    for (let asked = 0; asked < MAX_NODES_ASKED_FOR_NAME && members.length > 0; asked++) {
      const [member] = members.splice(randomInteger(random, members.length), 1);
      if (member !== undefined) this.#ask(query, member);
    }
  }

  #ask(query: Query, { peerId, endpoint }: HeardNode): void {
    if (!this.#inquiries.take(formatEndpoint(endpoint))) return;
    const asking = this.#seeker.askOne(query, peerId);
    if (asking !== undefined) this.#send(asking, endpoint);
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (this.#options.lan.isStranger(from.host) || !this.#limiter.take(from.host)) return;
    const message = decodeBeacon(bytes);
    if ('fault' in message || message.kind !== 'holdings' || message.answer === undefined) return;
    const further = this.#seeker.continuation(message.answer);
    // Whose answer was not asked for has nothing to say here.
    if (further === undefined) return;
    this.#take(message, further.asked);
    const { cookie } = message.answer;
    if (cookie === undefined || !this.#continuations.take(formatEndpoint(from))) return;
    this.#send(further, from, cookie);
  }

  /** Who was asked for a hybrid by its v2 info-hash answers with the record that it has under the other one. */
  #take(message: BeaconHoldings, asked: Query): void {
    this.#seeker.hear(message);
    const [record] = message.holdings;
    if (record === undefined || asked.kind !== 'infoHash') return;
    if (this.#looked.has(asked.infoHash)) this.#names.tell(asked.infoHash, record.name);
  }

  #send(asking: Asking, to: Endpoint, cookie?: Uint8Array): void {
    const { lan, peerId, port } = this.#options;
    const lifetimeMs = HOLDING_TTL_MS;
    lan.sendTo([encodeQuery({ peerId, port, ...asking, holdings: [], lifetimeMs, cookie })], to);
  }
}

/** Of this version: one of a tracker's connection ids in 2^48 begins so, too. */
function isHoldings(bytes: Uint8Array): boolean {
  return bytes[4] === BEACON_VERSION && bytes[5] === BEACON_KIND.holdings;
}

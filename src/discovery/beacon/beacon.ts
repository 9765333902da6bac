import type { Holding, PeerId } from '../../holdings/holding.ts';
import { matchesQuery } from '../../holdings/query.ts';
import {
  ANSWER_CONTINUATIONS_PER_SECOND,
  BYE_REPEAT_MS,
  DATAGRAMS_PER_SOURCE_PER_SECOND,
  INQUIRIES_PER_SECOND,
  MAX_BURST_DATAGRAMS,
} from '../../limits.ts';
import { sleep } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import type { Discovery, DiscoveryReport, HeardNode, Query, Sighting } from '../discovery.ts';
import { DropCounter } from '../drop-counter.ts';
import { HeardNodes } from '../heard-nodes.ts';
import { LanDatagrams, type LanDatagramsOptions } from '../lan/lan-datagrams.ts';
import { SourceLimiter } from '../source-limiter.ts';
import { AverageSize, type LanLoad } from './announce-interval.ts';
import { type Announcement, Announcer } from './announcer.ts';
import { Answerer, type Refusal } from './answerer.ts';
import type { BeaconBye, BeaconHoldings, BeaconMessage, BeaconQuery } from './beacon-message.ts';
import { Census } from './census.ts';
import { Copies } from './copies.ts';
import { type BeaconFault, decodeBeacon, isBeacon } from './decode-beacon.ts';
import { encodeBye, encodeHoldings, encodeQuery } from './encode-beacon.ts';
import { type Asking, Seeker } from './seeker.ts';

export interface BeaconOptions extends LanDatagramsOptions {
  readonly peerId: PeerId;
  readonly random: Random;
  readonly logger: Logger;
  heard(sighting: Sighting): void;
  /** To be shared with other protocols. Default: sockets of its own. */
  readonly lan?: LanDatagrams;
}

export interface BeaconDiscovery extends Discovery {
  /** Asks a node that was found in another way, by unicast, for what is being searched for. */
  meet(node: Endpoint): void;
  /** Asks a node these questions, by unicast, as far as it has not answered them yet. */
  inquire(node: HeardNode, queries: readonly Query[]): void;
}

/**
 * Finds peers by lanshare's own UDP datagrams: queries and announcements by multicast and broadcast on every
 * interface and by unicast to the given peers, answers by unicast. Resolves when the sockets are bound.
 * Rejects with NO_USABLE_INTERFACE where a named interface does not exist; all else is told by `describe`.
 */
export async function createBeacon(options: BeaconOptions): Promise<BeaconDiscovery> {
  return new Beacon(options, options.lan ?? (await LanDatagrams.open(options)));
}

type DropReason = BeaconFault | Refusal | 'datagrams a second' | 'stranger';

class Beacon implements BeaconDiscovery {
  readonly path = 'beacon';
  readonly #options: BeaconOptions;
  readonly #seeker: Seeker;
  readonly #announcer: Announcer;
  readonly #answerer: Answerer;
  readonly #census = new Census();
  readonly #averageSize = new AverageSize();
  readonly #limiter: SourceLimiter;
  /** Nodes found in another way are asked once a second at most. */
  readonly #meetings: SourceLimiter;
  /** A node that keeps changing what it says it has is asked so often. */
  readonly #inquiries: SourceLimiter;
  /** Nodes that keep beginning answers are asked on so often a second. */
  readonly #continuations: SourceLimiter;
  readonly #copies: Copies;
  readonly #drops: DropCounter<DropReason>;
  readonly #heard = new HeardNodes();
  readonly #lan: LanDatagrams;
  readonly #endUse: () => Promise<void>;
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor(options: BeaconOptions, lan: LanDatagrams) {
    const { clock, random, logger } = options;
    this.#lan = lan;
    this.#options = options;
    this.#limiter = new SourceLimiter(clock, DATAGRAMS_PER_SOURCE_PER_SECOND);
    this.#meetings = new SourceLimiter(clock, 1);
    this.#inquiries = new SourceLimiter(clock, INQUIRIES_PER_SECOND);
    this.#continuations = new SourceLimiter(clock, ANSWER_CONTINUATIONS_PER_SECOND);
    this.#copies = new Copies(clock);
    this.#drops = new DropCounter(clock, logger, this.path);
    this.#seeker = new Seeker({
      clock,
      random,
      ask: (asking) => this.#sendEverywhere([this.#question(asking)]),
    });
    this.#announcer = new Announcer({
      clock,
      random,
      load: () => this.#load(),
      send: (announcement) => this.#sendAnnouncement(announcement),
    });
    this.#answerer = new Answerer({
      ...options,
      holdings: () => this.#announcer.holdings,
      lifetimeMs: () => this.#announcer.lifetimeMs,
      nodes: () => this.#census.count(clock.now()),
      isLocal: (host) => lan.isLocal(host),
      send: (answer, to) => lan.sendTo(answer, to),
    });
    this.#endUse = lan.use({
      takes: isBeacon,
      receive: (bytes, from) => this.#receive(bytes, from),
      onNewWay: () => this.#sayAllAgain(),
    });
  }

  announce(holdings: readonly Holding[]): void {
    if (!this.#closed) this.#announcer.update(holdings);
  }

  seek(query: Query): () => void {
    return this.#closed ? () => {} : this.#seeker.seek(query);
  }

  meet(node: Endpoint): void {
    if (this.#closed || !this.#meetings.take(formatEndpoint(node))) return;
    for (const asking of this.#seeker.askings()) this.#lan.sendTo([this.#question(asking)], node);
  }

  inquire({ peerId, endpoint }: HeardNode, queries: readonly Query[]): void {
    if (this.#closed || !this.#inquiries.take(formatEndpoint(endpoint))) return;
    const askings = queries.flatMap((query) => this.#seeker.askOne(query, peerId) ?? []);
    for (const asking of askings) this.#lan.sendTo([this.#question(asking)], endpoint);
  }

  describe(): DiscoveryReport {
    const silent = this.#options.groups === false ? ['only the peers that were named are asked'] : [];
    const problems = [...silent, ...this.#lan.problems()];
    return {
      path: this.path,
      interfaces: this.#lan.describe(),
      problems,
      takenPort: this.#lan.takenPort,
      dropped: this.#drops.counts,
      nodes: this.#heard.others,
      heardBack: this.#heard.ownAddresses,
    };
  }

  /** The first goodbye has left when this returns its promise; the second follows, as datagrams get lost. */
  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    this.#closed = true;
    this.#seeker.stop();
    this.#announcer.stop();
    this.#answerer.stop();
    const bye = [encodeBye(this.#options.peerId)];
    this.#sendEverywhere(bye);
    await sleep(this.#options.clock, BYE_REPEAT_MS);
    this.#sendEverywhere(bye);
    await this.#endUse();
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (this.#closed) return;
    if (!this.#limiter.take(from.host)) return this.#drops.count('datagrams a second', from.host);
    if (this.#copies.isCopy(bytes, from.host)) return;
    const message = decodeBeacon(bytes);
    if ('fault' in message) return this.#drops.count(message.fault, from.host);
    if (message.peerId === this.#options.peerId) return this.#heard.hearOwn(from.host);
    if (this.#lan.isStranger(from.host)) return this.#drops.count('stranger', from.host);
    this.#options.logger.trace({ path: this.path, kind: message.kind, from }, 'datagram heard');
    this.#act(message, from, bytes.length);
  }

  #act(message: BeaconMessage, from: Endpoint, size: number): void {
    if (message.kind === 'bye') this.#heard.leave(message.peerId);
    else this.#heard.hear(message.peerId, { host: from.host, port: message.port });
    switch (message.kind) {
      case 'query':
        this.#hearRecords(message, from);
        this.#answer(message, from, size);
        break;
      case 'holdings':
        if (message.answer === undefined) this.#averageSize.add(size);
        this.#hearRecords(message, from);
        this.#hearWithdrawals(message, from);
        this.#seeker.hear(message);
        this.#askForTheRest(message, from);
        break;
      case 'bye':
        this.#hearBye(message, from);
        break;
    }
  }

  #hearRecords({ peerId, holdings, lifetimeMs }: BeaconHoldings | BeaconQuery, { host }: Endpoint): void {
    if (holdings.length > 0) this.#census.hear(peerId, this.#options.clock.now() + lifetimeMs);
    for (const holding of holdings)
      this.#options.heard({ kind: 'holding', holding, host, path: this.path, lifetimeMs });
  }

  #hearWithdrawals({ peerId, withdrawn }: BeaconHoldings, { host }: Endpoint): void {
    for (const { infoHash, version } of withdrawn)
      this.#options.heard({ kind: 'withdrawn', peerId, infoHash, version, host, path: this.path });
  }

  #hearBye({ peerId }: BeaconBye, { host }: Endpoint): void {
    this.#census.leave(peerId);
    this.#options.heard({ kind: 'gone', peerId, host, path: this.path });
  }

  #askForTheRest({ answer }: BeaconHoldings, from: Endpoint): void {
    if (answer?.cookie === undefined || !this.#continuations.take(formatEndpoint(from))) return;
    const asking = this.#seeker.continuation(answer);
    if (asking !== undefined) this.#lan.sendTo([this.#question(asking, answer.cookie)], from);
  }

  #answer(query: BeaconQuery, from: Endpoint, size: number): void {
    const refusal = this.#answerer.hear(query, from, size);
    if (refusal !== undefined) this.#drops.count(refusal, from.host);
  }

  #question(asking: Asking, cookie?: Uint8Array): Uint8Array {
    const { peerId, port } = this.#options;
    const { asked } = asking;
    // Who asks for everything would only fill the datagram with what the others hear anyway.
    const told = asked.kind === 'everything' ? [] : [...this.#announcer.holdings];
    const holdings = told.filter((holding) => matchesQuery(asked, holding));
    const { lifetimeMs } = this.#announcer;
    return encodeQuery({ peerId, port, ...asking, holdings, lifetimeMs, cookie });
  }

  #sendAnnouncement(announcement: Announcement): void {
    const { peerId, port } = this.#options;
    const datagrams = encodeHoldings({ peerId, port, ...announcement, answer: undefined });
    for (const { length } of datagrams) this.#averageSize.add(length);
    this.#sendEverywhere(datagrams.slice(0, MAX_BURST_DATAGRAMS));
  }

  #sendEverywhere(datagrams: readonly Uint8Array[]): void {
    this.#lan.sendToLan(datagrams);
    for (const endpoint of this.#lan.givenPeers()) this.#lan.sendTo(datagrams, endpoint);
  }

  #sayAllAgain(): void {
    if (this.#closed) return;
    this.#seeker.askAgain();
    this.#announcer.repeatAll();
  }

  #load(): LanLoad {
    return {
      nodes: this.#census.count(this.#options.clock.now()) + 1,
      averageBytes: this.#averageSize.bytes,
      copies: this.#lan.copiesPerLan,
    };
  }
}

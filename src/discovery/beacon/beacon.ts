import type { Holding, PeerId } from '../../holdings/holding.ts';
import { matchesQuery } from '../../holdings/query.ts';
import { BYE_REPEAT_MS, DATAGRAMS_PER_SOURCE_PER_SECOND, MAX_BURST_DATAGRAMS } from '../../limits.ts';
import { type Clock, sleep } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import { type InterfaceSource, systemInterfaces } from '../../platform/interfaces.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import { systemDatagrams } from '../../platform/system-datagram.ts';
import type { Discovery, DiscoveryReport, Query, Sighting } from '../discovery.ts';
import { DropCounter } from '../drop-counter.ts';
import { isLocalAddress } from '../local-address.ts';
import { SourceLimiter } from '../source-limiter.ts';
import { AverageSize, type LanLoad } from './announce-interval.ts';
import { type Announcement, Announcer } from './announcer.ts';
import { Answerer, type Refusal } from './answerer.ts';
import type { BeaconBye, BeaconHoldings, BeaconMessage, BeaconQuery } from './beacon-message.ts';
import { Census } from './census.ts';
import { type BeaconFault, decodeBeacon } from './decode-beacon.ts';
import { encodeBye, encodeHoldings, encodeQuery } from './encode-beacon.ts';
import { GivenPeers } from './given-peers.ts';
import { LanSockets } from './lan-sockets.ts';
import { type Asking, Seeker } from './seeker.ts';

export interface BeaconOptions {
  readonly peerId: PeerId;
  /** The node's TCP port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Names of interfaces. Default: all. */
  readonly interfaces?: readonly string[] | undefined;
  /** Nodes that are asked and told by unicast, whatever multicast reaches. */
  readonly peers: readonly Endpoint[];
  /** Whether to use multicast and broadcast. Default: true. */
  readonly groups?: boolean;
  heard(sighting: Sighting): void;
  /** For tests: other than the machine's. */
  readonly datagrams?: DatagramNetwork;
  readonly interfaceSource?: InterfaceSource;
}

export interface BeaconDiscovery extends Discovery {
  /** Asks a node that was found in another way, by unicast, for what is being searched for. */
  meet(node: Endpoint): void;
}

/**
 * Finds peers by lanshare's own UDP datagrams: queries and announcements by multicast and broadcast on every
 * interface and by unicast to the given peers, answers by unicast. Resolves when the sockets are bound.
 * Rejects with NO_USABLE_INTERFACE where a named interface does not exist; all else is told by `describe`.
 */
export async function createBeacon(options: BeaconOptions): Promise<BeaconDiscovery> {
  return await Beacon.open(options);
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
  readonly #drops: DropCounter<DropReason>;
  readonly #givenPeers: GivenPeers;
  #sockets: LanSockets | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;

  static async open(options: BeaconOptions): Promise<Beacon> {
    const beacon = new Beacon(options);
    try {
      await beacon.#openSockets();
    } catch (error) {
      await beacon.close();
      throw error;
    }
    return beacon;
  }

  private constructor(options: BeaconOptions) {
    const { clock, random, logger, peers, datagrams = systemDatagrams } = options;
    this.#options = options;
    this.#limiter = new SourceLimiter(clock, DATAGRAMS_PER_SOURCE_PER_SECOND);
    this.#meetings = new SourceLimiter(clock, 1);
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
      isLocal: (host) => this.#isLocal(host),
      send: (answer, to) => this.#sockets?.sendTo(answer, to),
    });
    this.#givenPeers = new GivenPeers(peers, datagrams, clock, () => this.#sayAllAgain());
  }

  announce(holdings: readonly Holding[]): void {
    if (!this.#closed) this.#announcer.update(holdings);
  }

  seek(query: Query): () => void {
    return this.#closed ? () => {} : this.#seeker.seek(query);
  }

  meet(node: Endpoint): void {
    if (this.#closed || !this.#meetings.take(formatEndpoint(node))) return;
    for (const asking of this.#seeker.askings()) this.#sockets?.sendTo([this.#question(asking)], node);
  }

  describe(): DiscoveryReport {
    const silent = this.#options.groups === false ? ['only the peers that were named are asked'] : [];
    const problems = [...silent, ...(this.#sockets?.problems() ?? []), ...this.#givenPeers.problems()];
    return { path: this.path, interfaces: this.#sockets?.describe() ?? [], problems };
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
    this.#givenPeers.close();
    if (this.#sockets === undefined) return;
    await sleep(this.#options.clock, BYE_REPEAT_MS);
    this.#sendEverywhere(bye);
    await this.#sockets.close();
  }

  async #openSockets(): Promise<void> {
    const { datagrams = systemDatagrams, interfaceSource = systemInterfaces } = this.#options;
    const { clock, port, interfaces = [], groups = true } = this.#options;
    this.#sockets = await LanSockets.open({
      datagrams,
      interfaceSource,
      clock,
      port,
      groups,
      interfaceNames: interfaces,
      receive: (bytes, from) => this.#receive(bytes, from),
      onNewAddress: () => this.#sayAllAgain(),
    });
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (this.#closed) return;
    if (!this.#limiter.take(from.host)) return this.#drops.count('datagrams a second', from.host);
    const message = decodeBeacon(bytes);
    if ('fault' in message) return this.#drops.count(message.fault, from.host);
    if (message.peerId === this.#options.peerId) return;
    if (!this.#isLocal(from.host) && !this.#givenPeers.includes(from.host))
      return this.#drops.count('stranger', from.host);
    this.#options.logger.trace({ path: this.path, kind: message.kind, from }, 'datagram heard');
    this.#act(message, from, bytes.length);
  }

  #act(message: BeaconMessage, from: Endpoint, size: number): void {
    switch (message.kind) {
      case 'query':
        this.#hearRecords(message, from);
        this.#answer(message, from);
        break;
      case 'holdings':
        if (message.answer === undefined) this.#averageSize.add(size);
        this.#hearRecords(message, from);
        this.#hearWithdrawals(message, from);
        this.#seeker.hear(message);
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

  #answer(query: BeaconQuery, from: Endpoint): void {
    const refusal = this.#answerer.hear(query, from);
    if (refusal !== undefined) this.#drops.count(refusal, from.host);
  }

  #question(asking: Asking): Uint8Array {
    const { peerId, port } = this.#options;
    const { asked } = asking;
    // Who asks for everything would only fill the datagram with what the others hear anyway.
    const told = asked.kind === 'everything' ? [] : [...this.#announcer.holdings];
    const holdings = told.filter((holding) => matchesQuery(asked, holding));
    return encodeQuery({ peerId, port, ...asking, holdings, lifetimeMs: this.#announcer.lifetimeMs });
  }

  #sendAnnouncement(announcement: Announcement): void {
    const { peerId, port } = this.#options;
    const datagrams = encodeHoldings({ peerId, port, ...announcement, answer: undefined });
    for (const { length } of datagrams) this.#averageSize.add(length);
    this.#sendEverywhere(datagrams.slice(0, MAX_BURST_DATAGRAMS));
  }

  #sendEverywhere(datagrams: readonly Uint8Array[]): void {
    this.#sockets?.sendToLan(datagrams);
    for (const endpoint of this.#givenPeers.endpoints()) this.#sockets?.sendTo(datagrams, endpoint);
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
      copies: this.#sockets?.copiesPerLan ?? 1,
    };
  }

  #isLocal(host: string): boolean {
    return isLocalAddress(host, this.#sockets?.interfaces ?? []);
  }
}

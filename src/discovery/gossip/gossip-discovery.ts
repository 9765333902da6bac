import { isGossip } from '../../gossip/codec/decode-gossip.ts';
import { Gossip } from '../../gossip/gossip.ts';
import type { GossipDrop, GossipEffect, GossipEvent } from '../../gossip/gossip-events.ts';
import type { Identity } from '../../gossip/identity.ts';
import type { Holding } from '../../holdings/holding.ts';
import {
  DEFAULT_NODE_PORT,
  GOSSIP_EXAMINATION_TIMEOUT_MS,
  GOSSIP_MEETING_INTERVAL_MS,
  MAX_GOSSIP_DIALS_BACK,
  MAX_SOURCES_REMEMBERED,
} from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import type {
  DialOutcome,
  Discovery,
  DiscoveryReport,
  Examination,
  HeardNode,
  Query,
  Sighting,
} from '../discovery.ts';
import { DropCounter } from '../drop-counter.ts';
import type { LanDatagrams } from '../lan/lan-datagrams.ts';
import { isLoopback, ownLanAddress } from '../local-address.ts';
import { MeetingPoints } from './meeting-points.ts';

/** The UDP that gossip is spoken on. */
export type GossipDatagrams = Pick<
  LanDatagrams,
  'use' | 'sendTo' | 'isStranger' | 'isOneNearby' | 'givenPeers' | 'describe' | 'resolve' | 'interfaces'
>;

export interface GossipDiscoveryOptions {
  readonly identity: Identity;
  /** The node's TCP port. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly lan: GossipDatagrams;
  heard(sighting: Sighting): void;
  /** Asks a member, by unicast, what it has not answered yet. */
  inquire(member: HeardNode, queries: readonly Query[]): void;
  /**
   * Tries whether a TCP connection to this address comes about; `no answer` when the signal aborts. Without, those who
   * ask for it get no answer.
   */
  dialBack?(node: Endpoint, signal: AbortSignal): Promise<DialOutcome>;
}

/** Gossip with the nodes we know: the one shell of sockets and timers around the pure `Gossip`. */
export class GossipDiscovery implements Discovery {
  readonly path = 'gossip';
  readonly #options: GossipDiscoveryOptions;
  readonly #gossip: Gossip;
  readonly #endUse: () => Promise<void>;
  readonly #drops: DropCounter<GossipDrop | 'stranger' | 'dials at once'>;
  readonly #queries = new Map<symbol, Query>();
  readonly #meetings = new Meetings();
  readonly #points: MeetingPoints;
  #lacking: readonly InfoHash[] = [];
  readonly #examinations = new Set<(examination: Examination | undefined) => void>();
  readonly #over = new AbortController();
  #dials = 0;
  #waking: { readonly at: number; readonly timer: Timer } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: GossipDiscoveryOptions) {
    const { identity, port, clock, random, logger, lan } = options;
    this.#options = options;
    this.#gossip = new Gossip({ identity, port, random });
    this.#drops = new DropCounter(clock, logger, this.path);
    this.#points = new MeetingPoints({
      clock,
      resolve: (host) => this.#addressesOf(host),
      isOneNearby: (host) => lan.isOneNearby(host),
      knows: (node) => this.#gossip.knows(node),
      meet: (node) => this.#handle({ kind: 'met', node, how: 'heard' }),
    });
    this.#endUse = lan.use({
      takes: isGossip,
      receive: (bytes, from) => this.#receive(bytes, from),
      onNewWay: () => {
        this.#handle({ kind: 'network changed' });
        this.#meetGiven();
        this.#points.lookAgain();
      },
    });
    this.#meetGiven();
    // Who runs on this machine knows more than we do, who have just begun.
    if (port !== DEFAULT_NODE_PORT) this.meet({ host: '127.0.0.1', port: DEFAULT_NODE_PORT });
  }

  announce(holdings: readonly Holding[]): void {
    const lacking = holdings.filter(({ pieces }) => pieces.kind === 'some').map(({ infoHash }) => infoHash);
    const changed = lacking.join() !== this.#lacking.join();
    this.#lacking = lacking;
    this.#handle({ kind: 'holdings', holdings });
    if (changed) this.#tellQueries();
  }

  seek(query: Query): () => void {
    const key = Symbol('search');
    this.#queries.set(key, query);
    this.#tellQueries();
    return () => {
      if (this.#queries.delete(key)) this.#tellQueries();
    };
  }

  /** Takes up with a node that was found in another way. */
  meet(node: Endpoint): void {
    if (this.#meetings.isNews(node, this.#options.clock.now()))
      this.#handle({ kind: 'met', node, how: 'heard' });
  }

  /** Greets a tracker, which may know other nodes. */
  meetAt(tracker: Endpoint): void {
    if (this.#closing === undefined) this.#points.add(tracker);
  }

  /** Members that, by their digests, may hold what the query asks for, without anybody being asked. */
  membersFor(query: Query): readonly HeardNode[] {
    const { lan } = this.#options;
    return this.#gossip
      .membersFor(query)
      .flatMap(({ peerId, endpoints }) => endpoints.slice(0, 1).map((endpoint) => ({ peerId, endpoint })))
      .filter(({ endpoint }) => lan.isOneNearby(endpoint.host));
  }

  /** Asks a member to dial this TCP port of ours; undefined where none answers. */
  examine(port: number, signal?: AbortSignal): Promise<Examination | undefined> {
    if (signal?.aborted === true || this.#closing !== undefined) return Promise.resolve(undefined);
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const end = (examination: Examination | undefined): void => {
        timer.cancel();
        signal?.removeEventListener('abort', giveUp);
        this.#examinations.delete(end);
        resolve(examination);
      };
      const giveUp = (): void => end(undefined);
      const timer = clock.setTimer(GOSSIP_EXAMINATION_TIMEOUT_MS, giveUp);
      this.#examinations.add(end);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#handle({ kind: 'examine me', port });
    });
  }

  describe(): DiscoveryReport {
    const interfaces = this.#options.lan.describe();
    const nodes = this.#gossip.members.flatMap(({ peerId, endpoints, port }) =>
      endpoints.slice(0, 1).map(({ host }) => ({ peerId, endpoint: { host, port } })),
    );
    return { path: this.path, interfaces, problems: [], dropped: this.#drops.counts, nodes };
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  async #leave(): Promise<void> {
    this.#apply(this.#gossip.handle({ kind: 'stop' }, this.#options.clock.now()).effects);
    this.#waking?.timer.cancel();
    this.#points.close();
    this.#over.abort();
    for (const end of this.#examinations) end(undefined);
    await this.#endUse();
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    if (this.#options.lan.isStranger(from.host)) this.#drops.count('stranger', from.host);
    else this.#handle({ kind: 'datagram', bytes, from });
  }

  /** One on this machine is to know us by an address that means something to others, too. */
  async #addressesOf(host: string): Promise<readonly string[]> {
    const { lan } = this.#options;
    if (!isLoopback(host)) return lan.resolve(host);
    const own = ownLanAddress(lan.interfaces);
    return own === undefined ? [host] : [host, own];
  }

  #meetGiven(): void {
    for (const node of this.#options.lan.givenPeers())
      this.#handle({ kind: 'met', node, how: 'named by the user' });
  }

  /** What is searched for, and what we hold in part: whoever has that comes in useful, now or later. */
  #wanted(): readonly Query[] {
    const lacking = this.#lacking.map((infoHash): Query => ({ kind: 'infoHash', infoHash }));
    return [...this.#queries.values(), ...lacking];
  }

  #tellQueries(): void {
    this.#handle({ kind: 'queries', queries: this.#wanted() });
  }

  #handle(event: GossipEvent): void {
    if (this.#closing !== undefined) return;
    const { effects, wakeAt } = this.#gossip.handle(event, this.#options.clock.now());
    this.#wakeBy(wakeAt);
    this.#apply(effects);
  }

  #wakeBy(at: number): void {
    if (this.#waking !== undefined && this.#waking.at <= at) return;
    const { clock } = this.#options;
    this.#waking?.timer.cancel();
    // Whole milliseconds, as timers have them: a moment too early there would be nothing to do yet.
    const timer = clock.setTimer(Math.max(1, Math.ceil(at - clock.now())), () => {
      this.#waking = undefined;
      this.#handle({ kind: 'wake' });
    });
    this.#waking = { at, timer };
  }

  #apply(effects: readonly GossipEffect[]): void {
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: GossipEffect): void {
    const { lan, heard, inquire } = this.#options;
    switch (effect.kind) {
      case 'send':
        // Some of it goes to addresses that others named.
        return lan.isOneNearby(effect.to.host) ? lan.sendTo([effect.bytes], effect.to) : undefined;
      case 'heard':
        return heard(effect.sighting);
      case 'inquire':
        return inquire({ peerId: effect.peerId, endpoint: effect.node }, this.#wanted());
      case 'examine':
        void this.#dialBack(effect);
        return;
      case 'examination':
        for (const tell of this.#examinations) tell({ ...effect, by: effect.node });
        return;
      case 'dropped':
        return this.#drops.count(effect.reason, effect.from.host);
    }
  }

  async #dialBack({ asker, sequence, node }: Extract<GossipEffect, { kind: 'examine' }>): Promise<void> {
    const { clock, dialBack } = this.#options;
    if (dialBack === undefined) return;
    if (this.#dials >= MAX_GOSSIP_DIALS_BACK) return this.#drops.count('dials at once', node.host);
    this.#dials++;
    const outcome = await dialBack(node, this.#over.signal);
    this.#dials--;
    this.#handle({ kind: 'examined', asker, sequence, outcome, wallTime: clock.wallTime() });
  }
}

/** Nodes are heard several times a second on a busy LAN; the gossip need not hear of each time. */
class Meetings {
  readonly #metAt = new Map<string, number>();

  isNews(node: Endpoint, now: number): boolean {
    const key = formatEndpoint(node);
    const metAt = this.#metAt.get(key);
    if (metAt !== undefined && now - metAt < GOSSIP_MEETING_INTERVAL_MS) return false;
    if (this.#metAt.size >= MAX_SOURCES_REMEMBERED) this.#metAt.clear();
    this.#metAt.set(key, now);
    return true;
  }
}

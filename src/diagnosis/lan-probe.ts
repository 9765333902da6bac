import { decodeBeacon } from '../discovery/beacon/decode-beacon.ts';
import { encodeQuery } from '../discovery/beacon/encode-beacon.ts';
import { systemErrorCode } from '../errors.ts';
import type { PeerId } from '../holdings/holding.ts';
import { BEACON_PORT, HOLDING_TTL_MS, MAX_PEERS_KNOWN } from '../limits.ts';
import type { DatagramNetwork, DatagramOptions, DatagramSocket } from '../platform/datagram.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { NetworkInterface } from '../platform/interfaces.ts';
import { type Random, randomInteger } from '../platform/random.ts';
import { type Echo, GROUP_WAYS, type GroupWay } from './facts.ts';
import { NOTHING_TRIED } from './passive-facts.ts';
import { groupListener, type ProbedWay, probedWays } from './probed-ways.ts';

export interface LanProbeOptions {
  /** Of the running node: what comes back is taken for its own, and others take the questions for its. */
  readonly peerId: PeerId;
  readonly port: number;
  readonly random: Random;
  readonly datagrams: DatagramNetwork;
  readonly interfaces: readonly NetworkInterface[];
}

/** A node that was heard, and by which ways datagrams passed between it and us. */
export interface ProbedNode {
  readonly peerId: PeerId;
  readonly endpoints: Map<string, Endpoint>;
  readonly ways: Set<GroupWay>;
}

/** One way on one interface, with what became of our question there. */
interface Trial {
  readonly way: ProbedWay;
  echo: Echo;
  answered: boolean;
  sender: DatagramSocket | undefined;
}

/**
 * Asks the beacon's question by each way on each interface separately, and hears which come back, who answers which
 * (so they reach others) and by which ways others are heard. A question is told from the others by its transaction.
 */
export class LanProbe {
  readonly #options: LanProbeOptions;
  readonly #trials: readonly Trial[];
  readonly #byTransaction = new Map<number, Trial>();
  readonly #nodes = new Map<PeerId, ProbedNode>();
  readonly #sockets: DatagramSocket[] = [];
  #groupPortTaken = false;

  /** Resolves when the sockets are bound; what cannot be bound is a fact as well. */
  static async open(options: LanProbeOptions): Promise<LanProbe> {
    const probe = new LanProbe(options);
    await Promise.all(probe.#trials.map((trial) => probe.#openTrial(trial)));
    return probe;
  }

  private constructor(options: LanProbeOptions) {
    this.#options = options;
    this.#trials = options.interfaces.flatMap(probedWays).map((way) => ({
      way,
      echo: { kind: 'not heard back' },
      answered: false,
      sender: undefined,
    }));
  }

  /** Asks on every way that has not come back, or that nobody has answered, so far. */
  ask(): void {
    for (const trial of this.#trials) {
      if (trial.echo.kind === 'heard back' && trial.answered) continue;
      const transaction = randomInteger(this.#options.random, 2 ** 32);
      this.#byTransaction.set(transaction, trial);
      trial.sender?.send(this.#question(transaction), { host: trial.way.to, port: BEACON_PORT });
    }
  }

  get nodes(): readonly ProbedNode[] {
    return [...this.#nodes.values()];
  }

  get groupPort(): 'usable' | 'taken' {
    return this.#groupPortTaken ? 'taken' : 'usable';
  }

  echoes(interfaceName: string): Readonly<Record<GroupWay, Echo>> {
    const echoes: Record<GroupWay, Echo> = { ...NOTHING_TRIED };
    for (const kind of GROUP_WAYS) {
      const trials = this.#trials.filter(
        ({ way }) => way.interfaceName === interfaceName && way.kind === kind,
      );
      // Of several subnets on one interface, each is broadcast to: the best result stands for all.
      const best = trials.find(({ echo }) => echo.kind === 'heard back') ?? trials[0];
      if (best !== undefined) echoes[kind] = best.echo;
    }
    return echoes;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  async #openTrial(trial: Trial): Promise<void> {
    const { way } = trial;
    await this.#listen(trial);
    try {
      trial.sender = await this.#open(way.sender, {
        onDatagram: (bytes, from) => this.#hear(bytes, from, undefined),
        onError: (error) => this.#failed(trial, error),
      });
    } catch (error) {
      this.#failed(trial, error);
    }
  }

  async #listen({ way }: Trial): Promise<void> {
    const { options, membership } = groupListener(way);
    try {
      const socket = await this.#open(options, {
        onDatagram: (bytes, from) => this.#hear(bytes, from, way.kind),
        onError: () => {},
      });
      if (membership !== undefined) socket.join(membership.group, membership.on);
    } catch (error) {
      if (systemErrorCode(error) === 'EADDRINUSE') this.#groupPortTaken = true;
    }
  }

  async #open(
    options: DatagramOptions,
    handlers: Parameters<DatagramNetwork['open']>[1],
  ): Promise<DatagramSocket> {
    const socket = await this.#options.datagrams.open(options, handlers);
    this.#sockets.push(socket);
    return socket;
  }

  #failed(trial: Trial, error: unknown): void {
    if (trial.echo.kind === 'heard back') return;
    trial.echo = { kind: 'not sent', reason: systemErrorCode(error) ?? 'unknown' };
  }

  #question(transaction: number): Uint8Array {
    const { peerId, port } = this.#options;
    return encodeQuery({
      peerId,
      port,
      transaction,
      asked: { kind: 'everything' },
      known: [],
      holdings: [],
      lifetimeMs: HOLDING_TTL_MS,
      // Without one, everybody answers with one small datagram, which is all that is wanted.
      cookie: undefined,
    });
  }

  /** `by`: the group that it came to; undefined for unicast. */
  #hear(bytes: Uint8Array, from: Endpoint, by: GroupWay | undefined): void {
    const message = decodeBeacon(bytes);
    if ('fault' in message || message.kind === 'bye') return;
    const transaction = message.kind === 'query' ? message.transaction : message.answer?.transaction;
    const trial = transaction === undefined ? undefined : this.#byTransaction.get(transaction);
    if (message.peerId === this.#options.peerId) {
      if (trial !== undefined) trial.echo = { kind: 'heard back' };
      return;
    }
    if (trial !== undefined) trial.answered = true;
    const way = by ?? trial?.way.kind;
    this.#note(message.peerId, { host: from.host, port: message.port }, way);
  }

  #note(peerId: PeerId, endpoint: Endpoint, way: GroupWay | undefined): void {
    const known = this.#nodes.get(peerId);
    if (known === undefined && this.#nodes.size >= MAX_PEERS_KNOWN) return;
    const node = known ?? { peerId, endpoints: new Map(), ways: new Set<GroupWay>() };
    this.#nodes.set(peerId, node);
    if (node.endpoints.size < MAX_ENDPOINTS) node.endpoints.set(formatEndpoint(endpoint), endpoint);
    if (way !== undefined) node.ways.add(way);
  }
}

const MAX_ENDPOINTS = 8;

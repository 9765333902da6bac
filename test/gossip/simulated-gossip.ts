import { EventQueue } from '../../src/gossip/engine/event-queue.ts';
import type { GossipLimits } from '../../src/gossip/engine/gossip-limits.ts';
import { Gossip } from '../../src/gossip/gossip.ts';
import type { GossipEffect, GossipEvent } from '../../src/gossip/gossip-events.ts';
import type { Identity } from '../../src/gossip/identity.ts';
import type { PeerId } from '../../src/holdings/holding.ts';
import type { Sighting } from '../../src/holdings/sighting.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import type { Random } from '../../src/platform/random.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { fakeIdentity, verifyFake } from './fake-identity.ts';

/** IPv4 and UDP. */
const HEADERS_BYTES = 28;
const PORT = 47_470;

type Happening =
  | { readonly kind: 'arrives'; readonly bytes: Uint8Array; readonly from: Endpoint; readonly to: Endpoint }
  | { readonly kind: 'wake'; readonly node: SimulatedNode };

export interface SimulatedGossipOptions {
  readonly seed: number;
  readonly limits?: Partial<GossipLimits>;
  /** One way, evenly spread; a LAN's. */
  readonly latencyMs?: readonly [least: number, most: number];
  /** Told of everything that the nodes hear. */
  readonly onSighting?: (node: SimulatedNode, sighting: Sighting, now: number) => void;
}

/**
 * Many gossiping nodes under one event queue: time jumps from one event to the next. No multicast: nobody is met
 * but who is named. The same seed makes the same run.
 */
export class SimulatedGossip {
  readonly random: Random;
  readonly nodes: SimulatedNode[] = [];
  readonly #queue = new EventQueue<Happening>();
  readonly #byAddress = new Map<string, SimulatedNode>();
  readonly #options: SimulatedGossipOptions;
  #now = 0;
  /** Part of the datagrams that get lost, in [0, 1]. */
  loss = 0;
  /** Whether a datagram may pass between two hosts. */
  passes: (from: string, to: string) => boolean = () => true;
  /** Sees each datagram before it is sent on. */
  onSend: ((bytes: Uint8Array, from: Endpoint, to: Endpoint) => void) | undefined;

  constructor(options: SimulatedGossipOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed);
  }

  get now(): number {
    return this.#now;
  }

  add(options: { readonly host?: string; readonly identity?: Identity } = {}): SimulatedNode {
    const number = this.nodes.length + 1;
    const host = options.host ?? `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
    const identity = options.identity ?? fakeIdentity(this.random);
    const random = seededRandom(Math.floor(this.random.next() * 2 ** 32));
    const { limits = {} } = this.#options;
    const gossip = new Gossip({ identity, port: PORT, random, verify: verifyFake, limits });
    const node = new SimulatedNode(this, gossip, identity, { host, port: PORT });
    this.nodes.push(node);
    this.#byAddress.set(host, node);
    node.handle({ kind: 'wake' });
    return node;
  }

  addMany(count: number): SimulatedNode[] {
    return Array.from({ length: count }, () => this.add());
  }

  /** The node has another address from now on. */
  move(node: SimulatedNode, host: string): void {
    this.#byAddress.delete(node.endpoint.host);
    node.endpoint = { host, port: PORT };
    this.#byAddress.set(host, node);
  }

  send(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    this.onSend?.(bytes, from, to);
    if (this.loss > 0 && this.random.next() < this.loss) return;
    const [least, most] = this.#options.latencyMs ?? [0.2, 2];
    const at = this.#now + least + (most - least) * this.random.next();
    this.#queue.push(at, { kind: 'arrives', bytes, from, to });
  }

  wake(node: SimulatedNode, at: number): void {
    this.#queue.push(at, { kind: 'wake', node });
  }

  sighted(node: SimulatedNode, sighting: Sighting): void {
    this.#options.onSighting?.(node, sighting, this.#now);
  }

  run(ms: number): void {
    const end = this.#now + ms;
    while (this.#queue.nextAt <= end) {
      const next = this.#queue.pop();
      if (next === undefined) break;
      this.#now = next.at;
      this.#happen(next.event);
    }
    this.#now = end;
  }

  /** Milliseconds until it holds, looked at every 5; undefined where it does not in time. */
  runUntil(holds: () => boolean, limitMs: number): number | undefined {
    const start = this.#now;
    while (!holds()) {
      if (this.#now - start >= limitMs) return undefined;
      this.run(5);
    }
    return this.#now - start;
  }

  /** Whether all that run know each other, and nobody else. */
  isComplete(nodes: readonly SimulatedNode[] = this.nodes): boolean {
    const running = nodes.filter((node) => node.isRunning);
    return running.every((node) => node.gossip.counts.members === running.length - 1);
  }

  #happen(event: Happening): void {
    const node = event.kind === 'wake' ? event.node : this.#byAddress.get(event.to.host);
    if (node === undefined) return;
    const turnAt = node.nextTurn(this.#now);
    if (turnAt > this.#now) return this.#queue.push(turnAt, event);
    if (event.kind === 'wake') return node.wakeUp();
    const { bytes, from, to } = event;
    if (to.port === PORT && this.passes(from.host, to.host)) node.handle({ kind: 'datagram', bytes, from });
  }
}

export class SimulatedNode {
  readonly #lan: SimulatedGossip;
  readonly gossip: Gossip;
  readonly identity: Identity;
  endpoint: Endpoint;
  isRunning = true;
  /** On a busy machine: it gets to do something only every so many milliseconds. */
  turnMs = 0;
  /** Sent, with the headers of IP and UDP. */
  sentBytes = 0;
  sentDatagrams = 0;
  /** All effects but sends and sightings, in order. */
  readonly others: Exclude<GossipEffect, { kind: 'send' | 'heard' }>[] = [];
  #wakeAt = Number.POSITIVE_INFINITY;
  #isAsleep = false;
  /** How much its clock is ahead of the simulation's. */
  #clockAhead = 1_000;

  constructor(lan: SimulatedGossip, gossip: Gossip, identity: Identity, endpoint: Endpoint) {
    this.#lan = lan;
    this.gossip = gossip;
    this.identity = identity;
    this.endpoint = endpoint;
  }

  get peerId(): PeerId {
    return this.identity.peerId;
  }

  /** Is told of another node; the other is not. */
  meet(other: SimulatedNode, how: 'named by the user' | 'heard' = 'named by the user'): void {
    this.handle({ kind: 'met', node: other.endpoint, how });
  }

  knows(other: SimulatedNode): boolean {
    return this.gossip.members.some(({ peerId }) => peerId === other.peerId);
  }

  /** When it can next do something. */
  nextTurn(now: number): number {
    return this.turnMs === 0 ? now : Math.ceil(now / this.turnMs) * this.turnMs;
  }

  leave(): void {
    this.handle({ kind: 'stop' });
    this.isRunning = false;
  }

  /** Dies without a word. */
  kill(): void {
    this.isRunning = false;
  }

  /** Its machine is suspended: nothing comes in, nothing is done. */
  sleep(): void {
    this.#isAsleep = true;
  }

  wakeFromSleep(): void {
    this.#isAsleep = false;
    this.handle({ kind: 'wake' });
  }

  clockJumps(ms: number): void {
    this.#clockAhead += ms;
    this.handle({ kind: 'wake' });
  }

  handle(event: GossipEvent): void {
    if (!this.isRunning || this.#isAsleep) return;
    const { effects, wakeAt } = this.gossip.handle(event, this.#lan.now + this.#clockAhead);
    for (const effect of effects) this.#do(effect);
    const at = wakeAt - this.#clockAhead;
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#lan.wake(this, at);
  }

  wakeUp(): void {
    if (this.#lan.now < this.#wakeAt) return;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.handle({ kind: 'wake' });
  }

  #do(effect: GossipEffect): void {
    switch (effect.kind) {
      case 'send':
        this.sentBytes += effect.bytes.length + HEADERS_BYTES;
        this.sentDatagrams++;
        this.#lan.send(effect.bytes, this.endpoint, effect.to);
        return;
      case 'heard':
        this.#lan.sighted(this, effect.sighting);
        return;
      default:
        this.others.push(effect);
    }
  }
}

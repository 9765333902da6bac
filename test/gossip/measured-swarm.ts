import type { GossipLimits } from '../../src/gossip/engine/gossip-limits.ts';
import type { PeerId } from '../../src/holdings/holding.ts';
import type { Sighting } from '../../src/holdings/sighting.ts';
import { firstPieces, holdingOf } from './sample-holdings.ts';
import { SimulatedGossip, type SimulatedNode } from './simulated-gossip.ts';

/** The content that all fetch; the others are shared whole. */
const FETCHED = 0;

/** When a piece of news has reached which part of the nodes it concerns; milliseconds. */
export interface Spread {
  readonly half: number;
  readonly most: number;
  /** Undefined where not all heard it in time. */
  readonly all: number | undefined;
  /** Sent by all nodes meanwhile, idle traffic included. */
  readonly bytes: number;
}

export interface MeasuredSwarmOptions {
  readonly seed: number;
  readonly nodes: number;
  /** Contents that each node shares whole. */
  readonly shares: number;
  readonly limits?: Partial<GossipLimits>;
}

/** A swarm whose nodes share contents and fetch one together, and how fast news spread in it. */
export class MeasuredSwarm {
  readonly lan: SimulatedGossip;
  readonly nodes: SimulatedNode[];
  readonly #shares: number;
  #watch: ((node: SimulatedNode, sighting: Sighting) => void) | undefined;
  #pieces = 1;

  constructor({ seed, nodes, shares, limits = {} }: MeasuredSwarmOptions) {
    this.#shares = shares;
    this.lan = new SimulatedGossip({
      seed,
      limits,
      onSighting: (node, sighting) => this.#watch?.(node, sighting),
    });
    this.nodes = this.lan.addMany(nodes);
  }

  /** Starts them one after another, each named an earlier one; returns how long until all know all. */
  start(limitMs: number, betweenMs = 2): number | undefined {
    for (const [at, node] of this.nodes.entries()) {
      this.#hold(node, 1);
      const other = this.nodes[Math.floor(this.lan.random.next() * at)];
      if (other !== undefined && other !== node) node.meet(other);
      this.lan.run(betweenMs);
    }
    return this.lan.runUntil(() => this.lan.isComplete(), limitMs);
  }

  /**
   * For more nodes than one machine can simulate with everybody knowing everybody: each knows `view` random others,
   * and the first node. A piece that the first one wins spreads as among all, but nothing is repaired.
   */
  startInViews(view: number): void {
    for (const node of this.nodes) this.#hold(node, 1);
    for (const node of this.nodes) {
      for (let met = 0; met < view / 2; met++) {
        const other = this.#anyone();
        if (other !== node) node.meet(other, 'heard');
      }
      const [first] = this.nodes;
      if (first !== undefined && first !== node) node.meet(first, 'heard');
      this.lan.run(0.2);
    }
    this.lan.run(1_000);
  }

  /** Bytes a second that a node sends, on average and at most. */
  idle(ms: number): { readonly mean: number; readonly most: number } {
    const before = this.nodes.map(({ sentBytes }) => sentBytes);
    this.lan.run(ms);
    const sent = this.nodes.map(({ sentBytes }, at) => ((sentBytes - (before[at] ?? 0)) * 1_000) / ms);
    return { mean: sum(sent) / sent.length, most: Math.max(...sent) };
  }

  /** One node wins one piece. */
  winPiece(limitMs: number, winner = this.#anyone()): Spread {
    const pieces = ++this.#pieces;
    return this.#spread(
      winner,
      limitMs,
      () => this.#hold(winner, pieces),
      (sighting) =>
        sighting.kind === 'holding' &&
        sighting.holding.pieces.kind === 'some' &&
        sighting.holding.pieces.count === pieces
          ? sighting.holding.peerId
          : undefined,
    );
  }

  /** One says goodbye. */
  leave(limitMs: number): Spread {
    const leaver = this.#anyone();
    return this.#spread(leaver, limitMs, () => leaver.leave(), gonePeer);
  }

  /** One dies. */
  kill(limitMs: number): Spread {
    const victim = this.#anyone();
    return this.#spread(victim, limitMs, () => victim.kill(), gonePeer);
  }

  /** Cuts the network in two, and returns how long after it is whole again all know all. */
  partition(ms: number, limitMs: number): number | undefined {
    const left = new Set(this.nodes.filter((_, at) => at % 2 === 0).map(({ endpoint }) => endpoint.host));
    this.lan.passes = (from, to) => left.has(from) === left.has(to);
    this.lan.run(ms);
    this.lan.passes = () => true;
    return this.lan.runUntil(() => this.lan.isComplete(), limitMs);
  }

  #hold(node: SimulatedNode, pieces: number): void {
    const number = this.nodes.indexOf(node) + 1;
    const shared = Array.from({ length: this.#shares }, (_, at) =>
      holdingOf(node.peerId, number * 1_000 + at),
    );
    const fetched = holdingOf(node.peerId, FETCHED, firstPieces(pieces));
    node.handle({ kind: 'holdings', holdings: [...shared, { ...fetched, pieceCount: 1_000 }] });
  }

  #spread(
    about: SimulatedNode,
    limitMs: number,
    act: () => void,
    toldOf: (sighting: Sighting) => PeerId | undefined,
  ): Spread {
    const start = this.lan.now;
    const bytesBefore = this.sentBytes;
    const heardAt = new Map<SimulatedNode, number>();
    this.#watch = (node, sighting) => {
      if (toldOf(sighting) === about.peerId && !heardAt.has(node)) heardAt.set(node, this.lan.now - start);
    };
    act();
    const concerned = this.nodes.filter((node) => node.isRunning && node !== about).length;
    this.lan.runUntil(() => heardAt.size === concerned, limitMs);
    this.#watch = undefined;
    const times = [...heardAt.values()].sort((a, b) => a - b);
    const after = (part: number) => times[Math.ceil(part * concerned) - 1] ?? Number.POSITIVE_INFINITY;
    const all = times.length === concerned ? times.at(-1) : undefined;
    return { half: after(0.5), most: after(0.99), all, bytes: this.sentBytes - bytesBefore };
  }

  get sentBytes(): number {
    return sum(this.nodes.map(({ sentBytes }) => sentBytes));
  }

  #anyone(): SimulatedNode {
    const running = this.nodes.filter(({ isRunning }) => isRunning);
    const node = running[Math.floor(this.lan.random.next() * running.length)];
    if (node === undefined) throw new Error('nobody is left');
    return node;
  }
}

function gonePeer(sighting: Sighting): PeerId | undefined {
  return sighting.kind === 'gone' ? sighting.peerId : undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

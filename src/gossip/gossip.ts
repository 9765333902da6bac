import type { Query } from '../holdings/query.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Random } from '../platform/random.ts';
import { Agenda } from './engine/agenda.ts';
import { Context } from './engine/context.ts';
import { Engine, type GossipCounts, type GossipMember } from './engine/engine.ts';
import { EngineTime } from './engine/engine-time.ts';
import { DEFAULT_GOSSIP_LIMITS, type GossipLimits } from './engine/gossip-limits.ts';
import type { GossipEvent, GossipStep } from './gossip-events.ts';
import { type Identity, makeVerify, type Verify } from './identity.ts';

export type { GossipCounts, GossipMember } from './engine/engine.ts';

export interface GossipOptions {
  readonly identity: Identity;
  /** The node's TCP and UDP port. */
  readonly port: number;
  readonly random: Random;
  /** Default: Ed25519. */
  readonly verify?: Verify;
  /** For tests. */
  readonly limits?: Partial<GossipLimits>;
}

/**
 * A node that gossips: who is there, and who holds which pieces of what. A pure state machine: it is told what
 * happens and at what time (the clock's milliseconds), and says what is to be done, and when to be called again.
 */
export class Gossip {
  readonly #context: Context;
  readonly #time = new EngineTime();
  readonly #engine: Engine;
  #stopped = false;

  constructor(options: GossipOptions) {
    const { identity, port, random, verify = makeVerify() } = options;
    const limits = { ...DEFAULT_GOSSIP_LIMITS, ...options.limits };
    this.#context = new Context({ identity, port, random, verify, limits, agenda: new Agenda() });
    this.#engine = new Engine(this.#context);
  }

  get members(): readonly GossipMember[] {
    return this.#engine.members;
  }

  /** Members that, by their digests, may hold what the query asks for. Some do not: one in a hundred that do not, and liars. */
  membersFor(query: Query): readonly GossipMember[] {
    return this.#engine.membersFor(query);
  }

  get counts(): GossipCounts {
    return this.#engine.counts;
  }

  /** Whether somebody has proven to be there and has not been lost since, holding something or not. */
  knows(node: Endpoint): boolean {
    return this.#engine.knows(node);
  }

  handle(event: GossipEvent, now: number): GossipStep {
    if (this.#stopped) return { effects: [], wakeAt: Number.POSITIVE_INFINITY };
    const { agenda, health } = this.#context;
    const dueAt = agenda.nextAt;
    const { now: engineNow, jumped } = this.#time.advance(now, dueAt);
    agenda.advance(engineNow);
    if (engineNow > dueAt) health.observe(engineNow - dueAt, engineNow);
    if (jumped) this.#engine.networkChanged();
    this.#take(event);
    agenda.runDue();
    this.#engine.flush();
    return { effects: this.#context.takeEffects(), wakeAt: this.#time.toClock(agenda.nextAt) };
  }

  #take(event: GossipEvent): void {
    switch (event.kind) {
      case 'datagram':
        return this.#engine.receive(event.bytes, event.from);
      case 'wake':
        return;
      case 'met':
        return this.#engine.meet(event.node, event.how);
      case 'holdings':
        return this.#engine.hold(event.holdings);
      case 'queries':
        return this.#engine.search(event.queries);
      case 'network changed':
        return this.#engine.networkChanged();
      case 'examined':
        return this.#engine.examined(event);
      case 'examine me':
        return this.#engine.examineMe(event.port);
      case 'stop':
        return this.#stop();
    }
  }

  #stop(): void {
    this.#engine.leave();
    this.#context.agenda.clear();
    this.#stopped = true;
  }
}

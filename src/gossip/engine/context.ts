import type { PeerId } from '../../holdings/holding.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { Random } from '../../platform/random.ts';
import type { GossipDrop, GossipEffect } from '../gossip-events.ts';
import type { Identity, Verify } from '../identity.ts';
import type { Agenda } from './agenda.ts';
import type { GossipLimits } from './gossip-limits.ts';
import { LocalHealth } from './local-health.ts';

/** What all parts of the engine share: who we are, time, chance, and the way out. */
export class Context {
  readonly identity: Identity;
  /** Our TCP and UDP port. */
  readonly port: number;
  readonly random: Random;
  readonly verify: Verify;
  readonly limits: GossipLimits;
  readonly agenda: Agenda;
  readonly health = new LocalHealth();
  #effects: GossipEffect[] = [];

  constructor(options: Pick<Context, 'identity' | 'port' | 'random' | 'verify' | 'limits' | 'agenda'>) {
    this.identity = options.identity;
    this.port = options.port;
    this.random = options.random;
    this.verify = options.verify;
    this.limits = options.limits;
    this.agenda = options.agenda;
  }

  get ownId(): PeerId {
    return this.identity.peerId;
  }

  /** The engine's milliseconds. */
  get now(): number {
    return this.agenda.now;
  }

  /** How long others get to answer, and how far apart rounds are: longer where we ourselves are late. */
  get ackTimeoutMs(): number {
    return this.limits.ackTimeoutMs * this.health.patience(this.now);
  }

  get roundMs(): number {
    return this.limits.roundMs * this.health.patience(this.now);
  }

  get suspectMs(): number {
    return this.limits.suspectMs * this.health.suspectPatience(this.now);
  }

  emit(effect: GossipEffect): void {
    this.#effects.push(effect);
  }

  drop(reason: GossipDrop, from: Endpoint): void {
    this.emit({ kind: 'dropped', reason, from });
  }

  takeEffects(): readonly GossipEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

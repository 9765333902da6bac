import {
  GOSSIP_LATE_HALF_LIFE_MS,
  GOSSIP_LATE_STEP_MS,
  MAX_GOSSIP_PATIENCE,
  MAX_GOSSIP_SUSPECT_PATIENCE,
} from '../../limits.ts';

/**
 * How well this node itself keeps time. On a busy machine answers are there and have not been read yet; who doubts
 * others then makes more work for all, which makes all later still. So who is late waits longer and says less
 * (the local health multiplier of Lifeguard: Dadgar, Phillips, Currey 2018, section IV.A).
 */
export class LocalHealth {
  #lateMs = 0;
  #observedAt = 0;

  /** The engine was called so much later than it had asked to be. */
  observe(lateMs: number, now: number): void {
    const remembered = this.#lateAt(now);
    this.#lateMs = Math.max(lateMs, remembered);
    this.#observedAt = now;
  }

  /** How many times as long as usual others are given to answer; 1 where we are in time. */
  patience(now: number): number {
    return Math.min(MAX_GOSSIP_PATIENCE, 1 + Math.floor(this.#lateAt(now) / GOSSIP_LATE_STEP_MS));
  }

  /** The same for suspects: those who are gone must be missed in the end. */
  suspectPatience(now: number): number {
    return Math.min(MAX_GOSSIP_SUSPECT_PATIENCE, this.patience(now));
  }

  #lateAt(now: number): number {
    return this.#lateMs * 2 ** ((this.#observedAt - now) / GOSSIP_LATE_HALF_LIFE_MS);
  }
}

import { GOSSIP_CLOCK_JUMP_MS } from '../../limits.ts';

/**
 * Time as the engine counts it. It stands still while the machine sleeps, and never runs backwards: a call that
 * comes much later than was asked for, or with an earlier time than the last, shifts it. So a node that wakes up
 * does not take everybody for dead.
 */
export class EngineTime {
  /** What the clock shows when the engine's time is 0. */
  #shift: number | undefined;
  #now = 0;

  /** `dueAt`: when, in the engine's time, a call was asked for at the latest. */
  advance(clockNow: number, dueAt: number): { readonly now: number; readonly jumped: boolean } {
    this.#shift ??= clockNow;
    const now = clockNow - this.#shift;
    const late = now - Math.max(dueAt, this.#now);
    const jumped = late > GOSSIP_CLOCK_JUMP_MS || now < this.#now - GOSSIP_CLOCK_JUMP_MS;
    if (late > GOSSIP_CLOCK_JUMP_MS) this.#shift += late;
    else if (now < this.#now) this.#shift += now - this.#now;
    this.#now = clockNow - this.#shift;
    return { now: this.#now, jumped };
  }

  toClock(engineTime: number): number {
    return engineTime + (this.#shift ?? 0);
  }
}

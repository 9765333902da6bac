import { MAX_SOURCES_REMEMBERED } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A token bucket for each source address, one second deep. Sources heard longest ago are forgotten. */
export class SourceLimiter {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Takes `amount` from the source's bucket; false, and nothing taken, where less is left. */
  take(source: string, amount = 1): boolean {
    const bucket = this.#filled(source);
    if (bucket.tokens < amount) return false;
    bucket.tokens -= amount;
    return true;
  }

  #filled(source: string): Bucket {
    const now = this.#clock.now();
    const bucket = this.#buckets.get(source) ?? { tokens: this.#perSecond, filledAt: now };
    const gained = ((now - bucket.filledAt) / 1_000) * this.#perSecond;
    bucket.tokens = Math.min(this.#perSecond, bucket.tokens + gained);
    bucket.filledAt = now;
    this.#remember(source, bucket);
    return bucket;
  }

  #remember(source: string, bucket: Bucket): void {
    this.#buckets.delete(source);
    this.#buckets.set(source, bucket);
    if (this.#buckets.size <= MAX_SOURCES_REMEMBERED) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

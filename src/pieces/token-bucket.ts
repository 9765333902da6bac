/** A rate limit: tokens are bytes and flow in at a constant rate, up to a tenth of a second's worth. */
export class TokenBucket {
  readonly #bytesPerSecond: number;
  readonly #capacity: number;
  #tokens: number;
  #since: number;

  /** `bytesPerSecond` may be Infinity: no limit. */
  constructor(bytesPerSecond: number, now: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#capacity = Math.max(bytesPerSecond / 10, MIN_CAPACITY_BYTES);
    this.#tokens = this.#capacity;
    this.#since = now;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  get unlimited(): boolean {
    return this.#bytesPerSecond === Number.POSITIVE_INFINITY;
  }

  /** Bytes that may go at once after a pause. */
  get burstBytes(): number {
    return this.#capacity;
  }

  /** Takes the bytes even where it runs into debt; the debt is waited for before the next. */
  take(bytes: number, now: number): void {
    if (this.unlimited) return;
    this.#refill(now);
    this.#tokens -= bytes;
  }

  /** Milliseconds until something may be taken again; 0 for at once. */
  waitMs(now: number): number {
    if (this.unlimited) return 0;
    this.#refill(now);
    return this.#tokens > 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#bytesPerSecond) + 1;
  }

  #refill(now: number): void {
    this.#tokens = Math.min(
      this.#capacity,
      this.#tokens + ((now - this.#since) * this.#bytesPerSecond) / 1000,
    );
    this.#since = now;
  }
}

const MIN_CAPACITY_BYTES = 16 * 1024;

/** Bytes a second, averaged over the last few seconds with exponential decay. Time is handed in. */
export class RateMeter {
  readonly #halfLifeMs: number;
  #bytesPerSecond = 0;
  #pendingBytes = 0;
  #since: number;
  #startedAt: number;

  constructor(now: number, halfLifeMs = 1_000) {
    this.#since = now;
    this.#startedAt = now;
    this.#halfLifeMs = halfLifeMs;
  }

  add(bytes: number, now: number): void {
    this.#pendingBytes += bytes;
    if (now - this.#since >= SAMPLE_MS) this.#fold(now);
  }

  bytesPerSecond(now: number): number {
    if (now - this.#since >= SAMPLE_MS) this.#fold(now);
    return this.#bytesPerSecond;
  }

  #fold(now: number): void {
    const elapsed = now - this.#since;
    const sample = (this.#pendingBytes * 1000) / elapsed;
    // The first samples count fully: a fresh meter has no past to average with.
    const past = Math.min(
      0.5 ** (elapsed / this.#halfLifeMs),
      1 - elapsed / Math.max(elapsed, now - this.#startedAt),
    );
    this.#bytesPerSecond = this.#bytesPerSecond * past + sample * (1 - past);
    this.#pendingBytes = 0;
    this.#since = now;
  }
}

const SAMPLE_MS = 50;

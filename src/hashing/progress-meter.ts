import { HASH_PROGRESS_INTERVAL_MS } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';

/** Bytes, of how many. */
export type OnProgress = (bytesDone: number, bytesTotal: number) => void;

/** Adds up what is done and says so at most every HASH_PROGRESS_INTERVAL_MS, and at the end. */
export class ProgressMeter {
  readonly #total: number;
  readonly #clock: Clock;
  readonly #onProgress: OnProgress | undefined;
  #done = 0;
  #saidAt: number;

  constructor(bytesTotal: number, clock: Clock, onProgress: OnProgress | undefined) {
    this.#total = bytesTotal;
    this.#clock = clock;
    this.#onProgress = onProgress;
    this.#saidAt = clock.now();
  }

  add(bytes: number): void {
    this.#done += bytes;
    const now = this.#clock.now();
    if (now - this.#saidAt < HASH_PROGRESS_INTERVAL_MS && this.#done < this.#total) return;
    this.#saidAt = now;
    this.#onProgress?.(this.#done, this.#total);
  }
}

import { COPY_WITHIN_MS, MAX_COPIES_REMEMBERED } from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';

/** The last datagram of each host: what is multicast is broadcast, too, and reading the same twice tells nothing. */
export class Copies {
  readonly #clock: Clock;
  readonly #last = new Map<string, { readonly bytes: Uint8Array; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the same came from that host a moment ago. */
  isCopy(bytes: Uint8Array, host: string): boolean {
    const at = this.#clock.now();
    const last = this.#last.get(host);
    if (this.#last.size >= MAX_COPIES_REMEMBERED) this.#last.clear();
    this.#last.set(host, { bytes, at });
    return last !== undefined && at - last.at < COPY_WITHIN_MS && Buffer.compare(last.bytes, bytes) === 0;
  }
}

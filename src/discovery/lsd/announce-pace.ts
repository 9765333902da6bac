import {
  LSD_ANNOUNCE_INTERVAL_MS,
  LSD_LAN_BYTES_PER_SECOND,
  LSD_MAX_ANNOUNCE_INTERVAL_MS,
} from '../../limits.ts';
import type { Clock } from '../../platform/clock.ts';

/**
 * The interval of regular announcements on one link. BEP 14 has each client announce every five minutes; a thousand
 * nodes with a hundred contents would then spend 23 KiB/s. So, as RTCP does (RFC 3550 section 6.2), all share one
 * bandwidth: what was heard in the time of an interval is about one round of everybody, and the interval grows until
 * such a round fits.
 */
export class AnnouncePace {
  readonly #clock: Clock;
  #intervalMs = LSD_ANNOUNCE_INTERVAL_MS;
  #bytes = 0;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  get intervalMs(): number {
    this.#adapt();
    return this.#intervalMs;
  }

  /** A datagram on this link, our own included. */
  note(bytes: number): void {
    this.#adapt();
    this.#bytes += bytes;
  }

  #adapt(): void {
    const now = this.#clock.now();
    const elapsedMs = now - this.#since;
    if (elapsedMs < LSD_ANNOUNCE_INTERVAL_MS) return;
    const roundBytes = (this.#bytes / elapsedMs) * this.#intervalMs;
    const neededMs = (roundBytes / LSD_LAN_BYTES_PER_SECOND) * 1_000;
    this.#intervalMs = Math.min(LSD_MAX_ANNOUNCE_INTERVAL_MS, Math.max(LSD_ANNOUNCE_INTERVAL_MS, neededMs));
    this.#bytes = 0;
    this.#since = now;
  }
}

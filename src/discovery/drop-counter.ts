import { DROP_LOG_INTERVAL_MS } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';

interface Drops {
  count: number;
  loggedAt: number;
}

/** Counts datagrams that are dropped, by reason; the log gets one line a reason and interval, not one each. */
export class DropCounter<Reason extends string> {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #path: string;
  readonly #drops = new Map<Reason, Drops>();

  constructor(clock: Clock, logger: Logger, path: string) {
    this.#clock = clock;
    this.#logger = logger;
    this.#path = path;
  }

  /** How many so far. */
  get counts(): ReadonlyMap<Reason, number> {
    return new Map([...this.#drops].map(([reason, { count }]) => [reason, count]));
  }

  count(reason: Reason, from: string): void {
    const drops = this.#drops.get(reason) ?? { count: 0, loggedAt: Number.NEGATIVE_INFINITY };
    this.#drops.set(reason, drops);
    drops.count++;
    const now = this.#clock.now();
    if (now - drops.loggedAt < DROP_LOG_INTERVAL_MS) return;
    drops.loggedAt = now;
    this.#logger.debug({ path: this.#path, reason, from, soFar: drops.count }, 'datagram dropped');
  }
}

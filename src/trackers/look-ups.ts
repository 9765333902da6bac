import {
  MAX_NAMES_KEPT,
  MAX_TRACKER_LOOK_UPS_AT_ONCE,
  TRACKER_ADDRESSES_KEPT_MS,
  TRACKER_RETRY_MIN_MS,
} from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramNetwork } from '../platform/datagram.ts';
import { addressBytes } from '../platform/endpoint.ts';

type Addresses = Promise<readonly string[]>;

interface Kept {
  readonly addresses: Addresses;
  until: number;
}

/**
 * The addresses of trackers' names. Each name is looked up once in a while, however many contents need it, and few at a
 * time: the system's look-up keeps one of the four threads busy, for seconds perhaps, that files are read and written on.
 */
export class LookUps {
  readonly #datagrams: Pick<DatagramNetwork, 'resolve'>;
  readonly #clock: Clock;
  /** In the order they were asked. */
  readonly #kept = new Map<string, Kept>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(datagrams: Pick<DatagramNetwork, 'resolve'>, clock: Clock) {
    this.#datagrams = datagrams;
    this.#clock = clock;
  }

  /** Of an address, itself. Rejects with the system's error. */
  resolve(host: string): Addresses {
    if (addressBytes(host) !== undefined) return Promise.resolve([host]);
    const now = this.#clock.now();
    const kept = this.#kept.get(host);
    if (kept !== undefined && now < kept.until) return kept.addresses;
    const addresses = this.#lookUp(host);
    this.#keep(host, { addresses, until: now + TRACKER_ADDRESSES_KEPT_MS });
    return addresses;
  }

  #keep(host: string, kept: Kept): void {
    kept.addresses.catch(() => {
      // The network may come up: who asks again after the shortest pause shall have it looked up again.
      kept.until = this.#clock.now() + TRACKER_RETRY_MIN_MS / 2;
    });
    this.#kept.delete(host);
    this.#kept.set(host, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_NAMES_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  async #lookUp(host: string): Addresses {
    if (this.#running >= MAX_TRACKER_LOOK_UPS_AT_ONCE)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await this.#datagrams.resolve(host);
    } finally {
      const next = this.#waiting.shift();
      // Its place goes to the next.
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

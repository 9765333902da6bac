import { MAX_UDP_CONNECTION_IDS, UDP_CONNECTION_ID_USE_MS } from '../limits.ts';
import type { Clock } from '../platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { ConnectionId } from '../wire/tracker/udp-tracker-message.ts';

/** What UDP trackers have given us to prove our address with; each is used for a minute (BEP 15). */
export class ConnectionIds {
  readonly #clock: Clock;
  /** In the order they came. */
  readonly #ids = new Map<string, { readonly id: ConnectionId; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(tracker: Endpoint): ConnectionId | undefined {
    const known = this.#ids.get(formatEndpoint(tracker));
    return known !== undefined && this.#clock.now() < known.until ? known.id : undefined;
  }

  keep(tracker: Endpoint, id: ConnectionId): void {
    this.forget(tracker);
    this.#ids.set(formatEndpoint(tracker), { id, until: this.#clock.now() + UDP_CONNECTION_ID_USE_MS });
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > MAX_UDP_CONNECTION_IDS && oldest !== undefined) this.#ids.delete(oldest);
  }

  forget(tracker: Endpoint): void {
    this.#ids.delete(formatEndpoint(tracker));
  }
}

import { MAX_REFUSALS_TOLD } from '../../limits.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { ClassroomEvent } from './classroom-peer-api.ts';

/** Tells who is refused and why, once for each host and reason: a wrong program dials again and again. */
export class RefusalsTold {
  readonly #onEvent: (event: ClassroomEvent) => void;
  readonly #told = new Set<string>();

  constructor(onEvent: (event: ClassroomEvent) => void) {
    this.#onEvent = onEvent;
  }

  tell(remote: Endpoint, reason: string): void {
    const key = `${remote.host} ${reason}`;
    if (this.#told.has(key) || this.#told.size >= MAX_REFUSALS_TOLD) return;
    this.#told.add(key);
    this.#onEvent({ event: 'peer-refused', address: formatEndpoint(remote), reason });
  }
}

import { MAX_OWN_ENDPOINTS_MET } from '../limits.ts';
import { type Endpoint, formatEndpoint } from '../platform/endpoint.ts';
import type { OwnEndpoints } from '../transfer/own-endpoints.ts';

/** Where a node that listens on all addresses of its host can be reached. */
export class HostEndpoints implements OwnEndpoints {
  readonly #port: number;
  /** Without scopes. */
  #addresses: ReadonlySet<string>;
  readonly #met = new Set<string>();

  constructor(port: number, addresses: ReadonlySet<string>) {
    this.#port = port;
    this.#addresses = addresses;
  }

  /** What led to us before may lead to somebody else now. */
  networkChanged(addresses: ReadonlySet<string>): void {
    this.#addresses = addresses;
    this.#met.clear();
  }

  has(endpoint: Endpoint): boolean {
    const [address = ''] = endpoint.host.split('%');
    if (endpoint.port === this.#port && this.#addresses.has(address)) return true;
    return this.#met.has(formatEndpoint(endpoint));
  }

  met(endpoint: Endpoint): void {
    if (this.#met.size < MAX_OWN_ENDPOINTS_MET) this.#met.add(formatEndpoint(endpoint));
  }
}

import type { Endpoint } from '../platform/endpoint.ts';

/** Where this node itself is reached: trackers, peers and users name it, too. One for all contents. */
export interface OwnEndpoints {
  has(endpoint: Endpoint): boolean;
  /** Who was dialled there was ourselves: an address that a router has for us, say. */
  met(endpoint: Endpoint): void;
}

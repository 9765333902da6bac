import type { Endpoint } from '../platform/endpoint.ts';

/** How an address is reached from here, as far as it matters for which of a peer's addresses is dialled. */
export interface Route {
  /** The lower, the better. */
  readonly preference: number;
  /** The LAN that it lies on; undefined for an address beyond a router, a tunnel, or on a container bridge. */
  readonly lan: string | undefined;
  /** A tunnel or a container bridge: its answers may be the first, and still it should not carry what a LAN can. */
  readonly lastResort: boolean;
}

/** The node knows its interfaces; a transfer asks. */
export type RouteOf = (endpoint: Endpoint) => Route;

import type { Holding, PeerId } from '../holdings/holding.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';

/** How a peer was found; shown to users and kept with each address. */
export type DiscoveryPath = 'mdns' | 'beacon' | 'peer option' | 'link';

/** What is looked for. */
export type Query =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'infoHash'; readonly infoHash: InfoHash }
  | { readonly kind: 'everything' };

/** What a discovery heard. `host` is the address as the datagram came from (with scope), never as claimed. */
export type Sighting =
  | {
      readonly kind: 'holding';
      readonly holding: Holding;
      readonly host: string;
      readonly path: DiscoveryPath;
    }
  | { readonly kind: 'gone'; readonly peerId: PeerId; readonly path: DiscoveryPath };

/**
 * One way to find peers. Each hands its sightings to one place (the holdings table); gossip and the
 * tracker client are further implementations.
 */
export interface Discovery {
  readonly path: DiscoveryPath;
  /** Says from now on that we hold these; called again on every change. Bursts are merged inside. */
  announce(holdings: readonly Holding[]): void;
  /** Asks now, and again at growing intervals until the returned function is called. */
  seek(query: Query): () => void;
  /** What was used, for messages to the user: `eth0 (10.77.0.2, fd77::2)`. */
  describe(): DiscoveryReport;
  /** Says goodbye and closes the sockets. */
  close(): Promise<void>;
}

export interface DiscoveryReport {
  readonly path: DiscoveryPath;
  readonly interfaces: readonly string[];
  /** Why it could not be used somewhere, in words. */
  readonly problems: readonly string[];
}

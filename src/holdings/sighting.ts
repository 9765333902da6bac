import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Holding, PeerId } from './holding.ts';

/** How a peer was found; shown to users and kept with each address. */
export type DiscoveryPath = 'mdns' | 'beacon' | 'gossip' | 'lsd' | 'peer option' | 'link';

/** What one way to find peers has heard. */
export type Sighting =
  | {
      readonly kind: 'holding';
      readonly holding: Holding;
      /** The address as the datagram came from (with scope), never as claimed. */
      readonly host: string;
      readonly path: DiscoveryPath;
      /** For how long it holds without being heard again. Default: HOLDING_TTL_MS. */
      readonly lifetimeMs?: number;
    }
  | {
      /** The peer no longer holds this content; versions up to `version` are void. */
      readonly kind: 'withdrawn';
      readonly peerId: PeerId;
      readonly infoHash: InfoHash;
      readonly version: number;
      readonly host: string;
      readonly path: DiscoveryPath;
    }
  | {
      /** The peer left. */
      readonly kind: 'gone';
      readonly peerId: PeerId;
      readonly path: DiscoveryPath;
      /** Where the goodbye came from; a stranger cannot say it for a peer. Left out where it is certain. */
      readonly host?: string;
    }
  | {
      /**
       * The peer has proven that it is at this address, and answers there: what is known of it holds on, whatever else
       * is silent, for so long; and only what comes from where it answers is believed in its name.
       */
      readonly kind: 'alive';
      readonly peerId: PeerId;
      readonly host: string;
      /** Its TCP port, by its own word. */
      readonly port: number;
      readonly path: DiscoveryPath;
      readonly lifetimeMs: number;
    }
  | {
      /** The peer has a new digest of what it holds: contents that it does not have any more are void. */
      readonly kind: 'given up';
      readonly peerId: PeerId;
      readonly path: DiscoveryPath;
      /** Whether the peer may still hold it. */
      holds(infoHash: InfoHash): boolean;
    }
  | {
      /** Somebody there has (part of) a content, and that is all that was said (BEP 14). */
      readonly kind: 'located';
      readonly infoHash: InfoHash;
      readonly endpoint: Endpoint;
      readonly path: DiscoveryPath;
    };

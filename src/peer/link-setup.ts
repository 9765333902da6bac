import type { PeerId } from '../holdings/holding.ts';
import { MAX_QUEUED_REQUESTS } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Connection } from '../platform/network.ts';
import {
  FEATURE_CRC32,
  FEATURE_HASHES,
  FEATURE_SECOND_LINK,
  HELLO_VERSION,
  type Hello,
  type RefusalReason,
} from '../wire/lan/message.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { LinkClosed, LinkHandler, PeerLink } from './peer-link.ts';
import type { SentPieces } from './sent-pieces.ts';

/** Who we are on every link. */
export interface LocalPeer {
  readonly peerId: PeerId;
  readonly port: number;
}

/** The protocol that is spoken on a link. */
export type Dialect = 'lan' | 'bittorrent';

/** What a peer says of itself before anything else, in whatever dialect. */
export interface Introduction {
  /** The content the link is about. */
  readonly infoHash: InfoHash;
  readonly peerId: PeerId;
  /** The peer's listening port; 0 where it is not known. */
  readonly port: number;
  /** Opened beside a link to the same peer, over another network. */
  readonly second: boolean;
}

export interface LinkOptions {
  readonly connection: Connection;
  readonly local: LocalPeer;
  /** The dialler knows what it wants; the listener is told. */
  readonly role:
    | {
        readonly kind: 'dialer';
        readonly infoHash: InfoHash;
        /** The content's name in the swarm of v2 (BEP 52), where it has one and that is known. */
        readonly v2Name: InfoHash | undefined;
        readonly metainfoSize: number | undefined;
        /** Beside a link to the same peer, over another network. */
        readonly second: boolean;
      }
    | { readonly kind: 'listener' };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  /** The other side has said who it is and what it wants. */
  welcome(link: PeerLink, introduction: Introduction): Welcome;
  /** The link ended before it was welcomed. */
  onFailed(reason: LinkClosed): void;
}

/** A link as whoever owns its connection sees it. */
export interface OpenableLink extends PeerLink {
  /** Bytes from the connection. */
  receive(chunk: Uint8Array): void;
  /** Where the next bytes had best be received. */
  readonly receiveInto: Uint8Array | undefined;
  /** The connection has ended. */
  connectionClosed(error: string | undefined): void;
}

export type Welcome =
  | {
      readonly kind: 'accepted';
      readonly handler: LinkHandler;
      readonly uploadLimit: TokenBucket;
      readonly sent: SentPieces;
      readonly metainfoSize: number | undefined;
      /** The content's name in the swarm of v2 (BEP 52), where it has one. */
      readonly v2Name: InfoHash | undefined;
      /** Called when the link can be used. */
      opened(): void;
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly text: string };

/** What we say first on a link about this content. */
export function helloOf(
  { peerId, port }: LocalPeer,
  role: LinkOptions['role'],
  infoHash: InfoHash,
  metainfoSize: number | undefined,
): Hello {
  const second = role.kind === 'dialer' && role.second;
  return {
    version: HELLO_VERSION,
    infoHash,
    peerId,
    port,
    maxRequests: MAX_QUEUED_REQUESTS,
    metainfoSize,
    features: [FEATURE_CRC32, FEATURE_HASHES, ...(second ? [FEATURE_SECOND_LINK] : [])],
  };
}

import type { TokenBucket } from '../../pieces/token-bucket.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Connection } from '../../platform/network.ts';
import type { RefusalReason } from '../../wire/lan/message.ts';
import type { BufferPool } from '../buffer-pool.ts';
import type { LinkClosed, PeerLink } from '../peer-link.ts';
import type { SentPieces } from '../sent-pieces.ts';
import type { WholePieceHandler } from '../whole-piece-parts.ts';

export interface StrictLinkOptions {
  readonly connection: Connection;
  /** The four-byte ID that we say: 0 to 2^32 - 1. */
  readonly localId: number;
  /** Who dials knows whom it dials. */
  readonly role: { readonly kind: 'dialer'; readonly expectedId: number } | { readonly kind: 'listener' };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  /**
   * The other side's handshake is in. Of a dialled link `id` is the expected one. `link.peerId` is `peerIdOfShort(id)`.
   * Where it is accepted, our own handshake is on its way when `opened` is called, and `serve` must be called in there.
   */
  introduce(link: PeerLink, id: number): StrictWelcome;
  /** Something that deviates and is tolerated; half a sentence about the peer, whose link is open. */
  onNote(link: PeerLink, text: string): void;
  /** The link ended before it was welcomed. */
  onFailed(reason: LinkClosed): void;
}

export type StrictWelcome =
  | {
      readonly kind: 'accepted';
      readonly handler: WholePieceHandler;
      readonly uploadLimit: TokenBucket;
      readonly sent: SentPieces;
      /** Called when the link can be used. */
      opened(): void;
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly text: string };

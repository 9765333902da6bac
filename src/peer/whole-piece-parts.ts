import type { TokenBucket } from '../pieces/token-bucket.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { DialectLinkOptions } from './dialect-link.ts';
import type { LinkHandler } from './peer-link.ts';
import type { SentPieces } from './sent-pieces.ts';
import type { UploadQueue } from './upload-queue.ts';

/** What a link tells that has no words but those of the assignment. */
export type WholePieceHandler = Pick<
  LinkHandler,
  | 'onBitfield'
  | 'onHave'
  | 'onChoke'
  | 'onUnchoke'
  | 'onInterested'
  | 'onNotInterested'
  | 'takePiece'
  | 'releasePiece'
  | 'onPiece'
  | 'onRequest'
  | 'onReceived'
  | 'onSent'
  | 'onSourceFault'
  | 'onClosed'
>;

export interface WholePieceLinkOptions extends DialectLinkOptions {
  readonly buffers: BufferPool;
}

/** What the one who welcomes a link brings along. */
export interface WelcomeParts<Handler> {
  readonly handler: Handler;
  readonly uploadLimit: TokenBucket;
  readonly sent: SentPieces;
}

/** A link that has been welcomed. */
export interface OpenWholePieceLink<Handler> {
  readonly handler: Handler;
  readonly uploads: UploadQueue;
}

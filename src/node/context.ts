import type { PieceHasher } from '../hashing/piece-hasher.ts';
import type { BufferPool } from '../peer/buffer-pool.ts';
import type { LocalPeer } from '../peer/link-setup.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import type { Clock } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Network } from '../platform/network.ts';
import type { Random } from '../platform/random.ts';
import type { OwnEndpoints } from '../transfer/own-endpoints.ts';
import type { NodeEvent } from './api.ts';
import type { Contents } from './contents.ts';
import type { Finder } from './finder.ts';
import type { Tracking } from './tracking.ts';

/** What the parts of one node share. */
export interface NodeContext {
  readonly local: LocalPeer;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  readonly finder: Finder;
  readonly contents: Contents;
  readonly tracking: Tracking;
  readonly ownEndpoints: OwnEndpoints;
  /** Of the links that are dialled; undefined for the best that both speak. */
  readonly dialect: 'bittorrent' | undefined;
  /** Shared by all shares and fetches. */
  readonly uploadLimit: TokenBucket;
  readonly downloadLimit: TokenBucket;
  /** Given by the user: asked whatever discovery finds. */
  readonly peers: readonly Endpoint[];
  /** Given by the user for all contents; tiers (BEP 12). */
  readonly trackers: readonly (readonly string[])[];
  /** Where hashes are remembered; undefined to do without. */
  readonly cacheDirectory: string | undefined;
  /** Aborts when the node closes. */
  readonly closing: AbortSignal;
  readonly hasher: PieceHasher;
  emit(event: NodeEvent): void;
}

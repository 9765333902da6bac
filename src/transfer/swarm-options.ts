import type { LanshareError } from '../errors.ts';
import type { PeerId } from '../holdings/holding.ts';
import type { InfoHash, Metainfo, PieceIndex } from '../metainfo/metainfo.ts';
import type { BufferPool } from '../peer/buffer-pool.ts';
import type { LocalPeer } from '../peer/link-setup.ts';
import type { PickOrder } from '../pieces/picker.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import type { Clock } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Network } from '../platform/network.ts';
import type { Random } from '../platform/random.ts';
import type { ChokingSettings } from './exchange-options.ts';
import type { OwnEndpoints } from './own-endpoints.ts';
import type { PieceCheck } from './piece-judge.ts';
import type { RouteOf } from './route.ts';

export interface SwarmOptions {
  readonly infoHash: InfoHash;
  readonly local: LocalPeer;
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly buffers: BufferPool;
  /** How an address is reached from here, as the interfaces are now. */
  readonly routeOf: RouteOf;
  readonly ownEndpoints: OwnEndpoints;
  /** The only one that is dialled in, whatever is spoken there. Undefined for the best that both speak. */
  readonly dialect?: 'bittorrent' | undefined;
  readonly order: PickOrder;
  readonly choking: ChokingSettings;
  /** May be shared with other swarms. */
  readonly uploadLimit: TokenBucket;
  readonly downloadLimit: TokenBucket;
  readonly check: PieceCheck;
  readonly events: SwarmEvents;
}

export interface SwarmEvents {
  /** The metainfo came from a peer and matches the info-hash: open a store and `activate` it. */
  onMetainfo(metainfo: Metainfo): void;
  /** A matching info dictionary that cannot be used, or a store that cannot take pieces. The transfer cannot go on. */
  onFault(error: LanshareError): void;
  onPiece(index: PieceIndex): void;
  onComplete(): void;
  /** What is served could not be read, or is not what was hashed. */
  onSourceFault(error: LanshareError): void;
  onPeer(change: PeerChange): void;
}

export interface PeerChange {
  readonly peerId: PeerId | undefined;
  readonly endpoint: Endpoint;
  readonly state: 'connected' | 'disconnected' | 'refused' | 'banned';
  readonly reason: string | undefined;
}

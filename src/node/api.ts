import type {
  Discovery,
  DiscoveryPath,
  DiscoveryReport,
  Examination,
  Sighting,
} from '../discovery/discovery.ts';
import type { TrackerSighting } from '../discovery/lan-trackers.ts';
import type { LanshareError } from '../errors.ts';
import type { Identity } from '../gossip/identity.ts';
import type { PieceHasher } from '../hashing/piece-hasher.ts';
import type { VerifyReport } from '../hashing/verify-content.ts';
import type { PeerId } from '../holdings/holding.ts';
import type { FileChoice } from '../metainfo/choose-files.ts';
import type { Magnet } from '../metainfo/magnet.ts';
import type { InfoHash, Metainfo, Torrent, TorrentVersion } from '../metainfo/metainfo.ts';
import type { PickOrder } from '../pieces/picker.ts';
import type { Clock } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { Logger } from '../platform/logger.ts';
import type { Network } from '../platform/network.ts';
import type { Random } from '../platform/random.ts';
import type { TrackerStatus } from '../trackers/tracker-status.ts';

/** The programmatic interface: one running lanshare, which shares, fetches and lists. */
export interface LanshareNode {
  /** The TCP and UDP port it listens on. */
  readonly port: number;
  readonly peerId: PeerId;
  /** Ways to find peers that are in use, with their interfaces and problems. */
  discovery(): readonly DiscoveryReport[];
  /** Hashes (or remembers) the content at `path`, serves and announces it until the share or the node is closed. */
  share(path: string, options?: ShareOptions): Promise<Share>;
  /**
   * Compares what lies at `path`, the content itself or the folder that has it, with its .torrent, and serves the pieces
   * that are right, under that .torrent's info-hash and to its trackers. Rejects with CONTENT_MISMATCH where none is.
   */
  seed(torrent: Torrent, path: string, options?: SeedOptions): Promise<Share>;
  /** Resolves when the content is whole under its final name. Rejects with a LanshareError. */
  fetch(what: FetchTarget, options?: FetchOptions): Promise<FetchResult>;
  /** What is shared on the LAN, as heard within `waitMs`. */
  list(options?: { waitMs?: number; signal?: AbortSignal }): Promise<readonly Listing[]>;
  /**
   * Tells what others hold: all that is known as `appeared`, then every change, until the signal aborts or the node
   * is closed.
   */
  watch(onChange: (change: HolderChange) => void, signal?: AbortSignal): Promise<void>;
  /** Other nodes heard so far, whatever they hold. */
  nodesHeard(): number;
  /** URLs of the trackers that were found on the LAN so far; every content that is not private is announced to them. */
  trackersFound(): readonly string[];
  /** Asks another node to dial this TCP port of ours; undefined where none says how it went. */
  examine(port: number, signal: AbortSignal): Promise<Examination | undefined>;
  /** Says goodbye and closes every socket, file and timer. Fetches under way reject with INTERRUPTED. */
  close(): Promise<void>;
}

export interface NodeOptions {
  /** TCP and UDP port. Default: any free one. PORT_IN_USE where it is taken. */
  readonly port?: number;
  /** Try DEFAULT_NODE_PORT first, any free one after it; for sharers. Ignored with `port`. */
  readonly preferDefaultPort?: boolean;
  /** Names of the interfaces to discover on. Default: all. NO_USABLE_INTERFACE where one does not exist. */
  readonly interfaces?: readonly string[];
  /** Peers that are asked whatever discovery finds. */
  readonly peers?: readonly Endpoint[];
  /** Trackers that every content is announced to, beside its own; tiers (BEP 12). */
  readonly trackers?: readonly (readonly string[])[];
  /** Bytes a second that all shares and fetches together may send, and take. Default: no limit. */
  readonly limitUp?: number;
  readonly limitDown?: number;
  readonly mdns?: boolean;
  readonly beacon?: boolean;
  /** BitTorrent's local service discovery (BEP 14). */
  readonly lsd?: boolean;
  /** Dial lanshare nodes, too, in the BitTorrent dialect, and stay with it. Who listens answers in both as ever. */
  readonly dialect?: 'bittorrent';
  /** Where the hashes of shared files are remembered. Default: the user's cache folder. */
  readonly cacheDirectory?: string;
  readonly logger?: Logger;
  readonly onEvent?: (event: NodeEvent) => void;
  /** Closes the node when it aborts. */
  readonly signal?: AbortSignal;
  /** For tests: clock, randomness, network and discoveries other than the machine's. */
  readonly platform?: Partial<NodePlatform>;
}

export interface NodePlatform {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  /** Each makes one way to find peers. */
  readonly discoveries: readonly DiscoveryFactory[];
  readonly hasher: PieceHasher;
}

export type DiscoveryFactory = (context: DiscoveryContext) => Promise<Discovery>;

/** What a way to find peers is given. */
export interface DiscoveryContext {
  readonly identity: Identity;
  readonly peerId: PeerId;
  /** The node's TCP port; UDP where it is free. */
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly logger: Logger;
  readonly interfaces: readonly string[] | undefined;
  readonly peers: readonly Endpoint[];
  heard(sighting: Sighting): void;
  /** What is heard of trackers on this LAN. */
  trackerHeard?(sighting: TrackerSighting): void;
}

export interface ShareOptions {
  /** The name it is shared under. Default: the file's or folder's own. */
  readonly name?: string;
  /** Bytes, a power of two. Default: chosen by size. */
  readonly pieceLength?: number;
  /** Default: a hybrid; v1, with a warning, where a hybrid needs more padding than MAX_PADDING_PERCENT. */
  readonly version?: TorrentVersion;
  /** When to stop by itself. Default: never. */
  readonly until?: SeedGoal;
  readonly signal?: AbortSignal;
}

export interface SeedOptions {
  /** When to stop by itself. Default: never. */
  readonly until?: SeedGoal;
  readonly signal?: AbortSignal;
}

export interface Share {
  readonly metainfo: Metainfo;
  readonly path: string;
  /** Bytes sent to peers so far. */
  readonly uploadedBytes: number;
  close(): Promise<void>;
}

/** What to fetch. `name` may also be NAME.torrent of a content that is shared as NAME. */
export type FetchTarget =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'infoHash'; readonly infoHash: InfoHash }
  | { readonly kind: 'torrent'; readonly torrent: Torrent }
  | { readonly kind: 'magnet'; readonly magnet: Magnet };

export interface FetchOptions {
  /** The folder to put it into. Default: the current one. Must exist. */
  readonly out?: string;
  /** How long to go on without anybody who has it, and without any byte. Default 10 s. */
  readonly timeoutMs?: number;
  readonly seed?: SeedPolicy;
  /** Which pieces are asked for first. Default: the rarest; with a `sink` always those that come first. */
  readonly order?: PickOrder;
  /**
   * Only these files of a folder, each under its final name. Default: all, or those that the magnet link chooses. Rejects
   * with USAGE where an entry of it matches none. `bytes` of the result and of all events are those of the chosen files.
   */
  readonly select?: FileChoice;
  /** Takes the verified bytes in order; nothing is left on disk then. A single file only. */
  readonly sink?: (bytes: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** What happens when a fetch is whole. `while-needed`: serve while a connected peer still lacks pieces. */
export type SeedPolicy =
  | { readonly kind: 'while-needed' }
  | { readonly kind: 'none' }
  | { readonly kind: 'forever' }
  | SeedGoal;

/** What ends serving. */
export type SeedGoal =
  | { readonly kind: 'time'; readonly ms: number }
  /** Bytes sent, as a multiple of the bytes of the content; after a fetch of chosen files, of those. */
  | { readonly kind: 'ratio'; readonly ratio: number }
  /** Whichever is reached first. */
  | { readonly kind: 'first of'; readonly goals: readonly [SeedGoal, ...SeedGoal[]] };

export interface FetchResult {
  readonly metainfo: Metainfo;
  /** The final path; empty with a `sink`. */
  readonly path: string;
  /** Bytes of the files that were wanted. */
  readonly bytes: number;
  /** Bytes of pieces that came over the network; less than `bytes` after a resume. */
  readonly downloadedBytes: number;
  readonly seconds: number;
  /** Peers that gave at least one verified piece. */
  readonly peers: number;
  /** It lay there already, identical. */
  readonly alreadyThere: boolean;
  /**
   * What a fetch of chosen files keeps for a later one: verified pieces that have bytes of other files, too. Undefined
   * where nothing is kept.
   */
  readonly remains: string | undefined;
  /** Resolves when the seed policy has been served; await it before closing the node. */
  readonly seeded: Promise<void>;
}

export interface Listing {
  readonly name: string;
  readonly infoHash: InfoHash;
  /** Bytes. */
  readonly length: number;
  readonly pieceCount: number;
  readonly holders: readonly ListedHolder[];
}

/** What one node said about one content that it holds. */
export type HolderChange =
  | {
      readonly kind: 'appeared' | 'updated';
      readonly content: Omit<Listing, 'holders'>;
      readonly holder: ListedHolder;
    }
  | { readonly kind: 'gone'; readonly infoHash: InfoHash; readonly peerId: PeerId };

export interface ListedHolder {
  readonly peerId: PeerId;
  readonly endpoints: readonly Endpoint[];
  readonly paths: readonly DiscoveryPath[];
  readonly piecesHeld: number;
}

/** What happens inside, as it happens; the command's --json events are made of these. */
export type NodeEvent =
  | { readonly event: 'listening'; readonly port: number; readonly interfaces: readonly string[] }
  | {
      readonly event: 'hashing';
      readonly path: string;
      readonly bytesDone: number;
      readonly bytesTotal: number;
      readonly cached: boolean;
    }
  | { readonly event: 'warning'; readonly message: string }
  /** What is to be seeded is compared with its .torrent. */
  | {
      readonly event: 'verifying';
      readonly path: string;
      readonly bytesDone: number;
      readonly bytesTotal: number;
    }
  | ({ readonly event: 'verified'; readonly path: string; readonly infoHash: InfoHash } & Pick<
      VerifyReport,
      'matches' | 'piecesGood' | 'piecesTotal' | 'badFiles'
    >)
  | { readonly event: 'sharing'; readonly metainfo: Metainfo; readonly path: string; readonly port: number }
  /** A shared file changed or vanished; it is no longer offered. */
  | {
      readonly event: 'withdrawn';
      readonly infoHash: InfoHash;
      readonly path: string;
      readonly error: LanshareError;
    }
  /** Looking for somebody who has it; repeated while nobody is found. */
  | { readonly event: 'searching'; readonly target: string; readonly discovery: readonly DiscoveryReport[] }
  /** The name means several different contents; the fetch rejects with AMBIGUOUS_NAME. */
  | { readonly event: 'ambiguous'; readonly name: string; readonly contents: readonly Listing[] }
  /** The target is known: its hash, and as soon as it is known its metainfo. */
  | {
      readonly event: 'resolved';
      readonly infoHash: InfoHash;
      readonly name: string;
      readonly metainfo: Metainfo | undefined;
    }
  | {
      readonly event: 'resuming';
      readonly infoHash: InfoHash;
      readonly bytesDone: number;
      readonly bytesTotal: number;
    }
  | {
      readonly event: 'peer';
      readonly infoHash: InfoHash;
      readonly peerId: PeerId | undefined;
      readonly endpoint: Endpoint;
      readonly state: 'connected' | 'disconnected' | 'refused' | 'banned';
      readonly reason: string | undefined;
    }
  /** How it stands with the trackers of a content, after each change. */
  | { readonly event: 'trackers'; readonly infoHash: InfoHash; readonly trackers: readonly TrackerStatus[] }
  /** About twice a second for each transfer that moves bytes, and at its end. */
  | {
      readonly event: 'progress';
      readonly infoHash: InfoHash;
      readonly name: string;
      readonly bytesDone: number;
      readonly bytesTotal: number;
      readonly downBytesPerSecond: number;
      readonly upBytesPerSecond: number;
      readonly uploadedBytes: number;
      readonly peers: number;
      readonly etaSeconds: number | undefined;
    }
  | {
      readonly event: 'done';
      readonly infoHash: InfoHash;
      readonly name: string;
      readonly path: string;
      readonly bytes: number;
      readonly downloadedBytes: number;
      readonly seconds: number;
      readonly peers: number;
      readonly alreadyThere: boolean;
      /** The path of what a fetch of chosen files keeps for a later one. */
      readonly remains: string | undefined;
    }
  /** Whole here, still serving because others lack pieces. */
  | { readonly event: 'seeding'; readonly infoHash: InfoHash; readonly name: string }
  /** Served as long, or as much, as was asked for; it is not offered any more. */
  | {
      readonly event: 'seeded';
      readonly infoHash: InfoHash;
      readonly name: string;
      readonly reached: 'time' | 'ratio';
      readonly uploadedBytes: number;
      /** Bytes sent, as a multiple of the bytes of the content; undefined where it has none. */
      readonly ratio: number | undefined;
    };

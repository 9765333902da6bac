import type { InfoHash, Metainfo } from '../metainfo/metainfo.ts';
import type { Clock } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { InterfaceSource } from '../platform/interfaces.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { PeerStore } from './store/peer-store.ts';

export interface TrackerServerOptions {
  /** UDP and TCP. Default 6969, the port that trackers have; any free one where it is 0. */
  readonly port?: number;
  /** The address to listen on. Default: all, IPv4 and IPv6. */
  readonly host?: string;
  /** What clients are told to wait between two announcements. Default 30 min; on a LAN they may ask sooner. */
  readonly intervalSeconds?: number;
  /** Serve addresses that are not private, too. */
  readonly allowPublic?: boolean;
  /** A folder of .torrent files: only these contents are served. Read again when it changes. */
  readonly whitelist?: string;
  /** Contents that are served whatever the whitelist says; where there are any, without a whitelist only these. */
  readonly contents?: readonly Metainfo[];
  /** Loaded before anything is answered, and closed with the tracker. Default: memory only. */
  readonly store?: PeerStore;
  /** Whether lanshare nodes find it by multicast DNS. Default true. */
  readonly mdns?: boolean;
  /** Gives up starting: INTERRUPTED. */
  readonly signal?: AbortSignal;
  /** For what is of use when something is wrong; what an operator wants to know comes as an event. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default: this machine's. */
  readonly interfaceSource?: InterfaceSource;
  readonly onEvent?: (event: TrackerServerEvent) => void;
}

export interface TrackerServer {
  readonly port: number;
  /** `udp://` and `http://` at each address of this machine that others can reach. */
  urls(): readonly string[];
  stats(): TrackerStats;
  /** Contents with the most peers first. */
  contents(most: number): readonly TrackedContent[];
  /** Hands a .torrent out at /torrents/FILE_NAME from now on. */
  handOut(fileName: string, torrent: Uint8Array): void;
  /** Says no more, saves what is not saved yet, and closes the store. Once; further calls wait for the same. */
  close(): Promise<void>;
}

export interface TrackedContent {
  readonly infoHash: InfoHash;
  /** From its .torrent, where the tracker has one; else what a lanshare node says that holds it, which nothing proves. */
  readonly name: string | undefined;
  readonly seeders: number;
  readonly leechers: number;
  readonly completed: number;
}

export interface TrackerStats {
  readonly uptimeSeconds: number;
  readonly contents: number;
  readonly peers: number;
  readonly seeders: number;
  readonly announces: { readonly udp: number; readonly http: number };
  readonly scrapes: { readonly udp: number; readonly http: number };
  readonly connects: number;
  /** How often somebody was given peers. */
  readonly matches: number;
  /** By reason: malformed, bad connection id, not private, not whitelisted, too many, ... */
  readonly refused: Readonly<Record<string, number>>;
  readonly store: { readonly kind: string; readonly unsaved: number; readonly fault: string | undefined };
  readonly memoryBytes: number;
}

export type TrackerServerEvent =
  | { readonly event: 'listening'; readonly port: number; readonly urls: readonly string[] }
  /** Somebody asked and was given these; of more than MATCHES_TOLD_PER_SECOND the rest is only counted. */
  | {
      readonly event: 'matched';
      readonly infoHash: InfoHash;
      readonly name: string | undefined;
      readonly peer: Endpoint;
      readonly with: readonly Endpoint[];
    }
  | { readonly event: 'store'; readonly state: 'loaded' | 'failing' | 'recovered'; readonly message: string }
  | { readonly event: 'warning'; readonly message: string };

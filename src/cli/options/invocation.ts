import type { FileChoice } from '../../metainfo/choose-files.ts';
import type { SeedPolicy } from '../../node/api.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import type { OutputFlags } from './output-flags.ts';
import type { PeerInvocation } from './peer-invocation.ts';
import type { SeedGoalFlags } from './seed-options.ts';
import type { VersionFlags } from './version-options.ts';

/** What the command line asks for, every value read and checked. */
export type Invocation =
  | { readonly command: 'share'; readonly paths: readonly string[]; readonly options: ShareFlags }
  | { readonly command: 'fetch'; readonly targets: readonly string[]; readonly options: FetchFlags }
  | {
      readonly command: 'seed';
      readonly file: string;
      readonly path: string | undefined;
      readonly options: SeedFlags;
    }
  | { readonly command: 'create'; readonly path: string; readonly options: CreateFlags }
  | { readonly command: 'list'; readonly options: ListFlags }
  | { readonly command: 'doctor'; readonly options: CommonFlags }
  | { readonly command: 'info'; readonly file: string; readonly options: InfoFlags }
  | {
      readonly command: 'verify';
      readonly file: string;
      readonly path: string | undefined;
      readonly options: CommonFlags;
    }
  | { readonly command: 'tracker'; readonly files: readonly string[]; readonly options: TrackerFlags }
  | PeerInvocation;

export interface CommonFlags extends OutputFlags {
  readonly port?: number;
  readonly interface?: readonly string[];
  readonly peer?: readonly Endpoint[];
  readonly tracker?: readonly (readonly string[])[];
  readonly dialect?: 'bittorrent';
  readonly mdns: boolean;
  readonly beacon: boolean;
  readonly lsd: boolean;
}

export interface InfoFlags extends CommonFlags {
  readonly scrape?: boolean;
}

export interface ShareFlags extends CommonFlags, VersionFlags, SeedGoalFlags {
  readonly name?: string;
  readonly torrent?: string;
  /** Bytes. */
  readonly pieceLength?: number;
  /** Bytes a second. */
  readonly limitUp?: number;
}

export interface FetchFlags extends CommonFlags, SeedGoalFlags {
  readonly out?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Bytes a second. */
  readonly limitDown?: number;
  readonly limitUp?: number;
  readonly seed?: SeedPolicy;
  readonly stdout?: boolean;
  readonly sequential?: boolean;
  readonly select?: FileChoice;
  readonly listFiles?: boolean;
}

export interface SeedFlags extends CommonFlags, SeedGoalFlags {
  /** Bytes a second. */
  readonly limitUp?: number;
}

export interface CreateFlags extends CommonFlags, VersionFlags {
  readonly out?: string;
  /** Tiers (BEP 12). */
  readonly webSeed?: readonly string[];
  readonly private?: boolean;
  readonly comment?: string;
  /** Bytes. */
  readonly pieceLength?: number;
}

export interface ListFlags extends CommonFlags {
  readonly watch?: boolean;
}

export interface TrackerFlags extends OutputFlags {
  readonly port?: number;
  /** An IP address. */
  readonly host?: string;
  /** Milliseconds. */
  readonly interval?: number;
  readonly allowPublic?: boolean;
  readonly whitelist?: string;
  readonly store?: string;
  readonly mdns: boolean;
}

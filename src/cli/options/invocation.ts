import type { SeedPolicy } from '../../node/api.ts';
import type { Endpoint } from '../../platform/endpoint.ts';

/** What the command line asks for, every value read and checked. */
export type Invocation =
  | { readonly command: 'share'; readonly paths: readonly string[]; readonly options: ShareFlags }
  | { readonly command: 'fetch'; readonly targets: readonly string[]; readonly options: FetchFlags }
  | { readonly command: 'create'; readonly path: string; readonly options: CreateFlags }
  | { readonly command: 'list'; readonly options: ListFlags }
  | { readonly command: 'doctor'; readonly options: CommonFlags }
  | { readonly command: 'info'; readonly file: string; readonly options: CommonFlags }
  | {
      readonly command: 'verify';
      readonly file: string;
      readonly path: string | undefined;
      readonly options: CommonFlags;
    };

export interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** How often -v was given. */
  readonly verbose: number;
  readonly logFile?: string;
  readonly port?: number;
  readonly interface?: readonly string[];
  readonly peer?: readonly Endpoint[];
  readonly tracker?: readonly (readonly string[])[];
  readonly mdns: boolean;
  readonly beacon: boolean;
  readonly lsd: boolean;
}

export interface ShareFlags extends CommonFlags {
  readonly name?: string;
  readonly torrent?: string;
  /** Bytes. */
  readonly pieceLength?: number;
  /** Bytes a second. */
  readonly limitUp?: number;
}

export interface FetchFlags extends CommonFlags {
  readonly out?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Bytes a second. */
  readonly limitDown?: number;
  readonly limitUp?: number;
  readonly seed?: SeedPolicy;
  readonly stdout?: boolean;
  readonly sequential?: boolean;
  readonly listFiles?: boolean;
}

export interface CreateFlags extends CommonFlags {
  readonly out?: string;
  /** Tiers (BEP 12). */
  readonly webSeed?: readonly string[];
  readonly private?: boolean;
  readonly comment?: string;
  /** Bytes. */
  readonly pieceLength?: number;
  readonly v1?: boolean;
  readonly v2?: boolean;
  readonly hybrid?: boolean;
}

export interface ListFlags extends CommonFlags {
  readonly watch?: boolean;
}

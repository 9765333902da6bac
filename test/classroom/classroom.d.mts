import type { Exit, Running } from '../lan/running.mjs';

export interface ProjectOptions {
  /** In the order of PeerInfo.cfg. */
  readonly peers: readonly Peer[];
  /** Bytes. */
  readonly fileSize: number;
  /** Bytes; default 16384. */
  readonly pieceSize?: number;
  /** How many are preferred; default 3. */
  readonly k?: number;
  /** Seconds between choices of the preferred; default 1. */
  readonly p?: number;
  /** Seconds between choices of the optimistic one; default 2. */
  readonly m?: number;
}

export interface Peer {
  readonly id: number;
  readonly hasFile: boolean;
}

export interface Project {
  readonly directory: string;
  readonly peers: readonly (Peer & { readonly port: number })[];
  readonly pieceCount: number;
  /** Where peer `id` keeps the file; `folder` is `peer_ID` unless said otherwise. */
  fileOf(id: number, folder?: string): string;
  logOf(id: number): Promise<string>;
  /** Starts `lanshare peer ID --json`. */
  lanshare(id: number, ...words: readonly string[]): Running;
  /** Starts the strict peer; it retries its dials. */
  strictPeer(id: number, ...flags: readonly string[]): Running;
  /** `lanshare peer check` over all logs that are there. */
  check(): Promise<Exit>;
  /** Rejects unless every peer's file is the first seeder's. */
  expectIdenticalFiles(folderOf?: (id: number) => string): Promise<void>;
  /** Takes the folder away. */
  remove(): Promise<void>;
}

/** Writes both .cfg files, and the file of each peer that has it, into a new folder below `parent`. */
export function makeProject(parent: string, options: ProjectOptions): Promise<Project>;
/** `count` peers from 1001 on in the order of their IDs; those named in `seeders` have the file (1001 alone). */
export function peersInOrder(count: number, seeders?: readonly number[]): Peer[];

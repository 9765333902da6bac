import type { ErrorCode, ExitCode } from '../../errors.ts';

/**
 * What a command says, to programs (`--json`: exactly these keys, one object a line) and to people.
 * The contract is docs/JSON-EVENTS.md: keys may be added, never renamed, removed or given another meaning.
 */
export type CliEvent =
  | Listening
  | Hashing
  | Sharing
  | Warning
  | Withdrawn
  | Searching
  | Resolved
  | Resuming
  | Ambiguous
  | PeerChange
  | Progress
  | Done
  | Seeding
  | Stopped
  | ContentFound
  | TorrentInfo
  | Verifying
  | Verified
  | Failure;

export interface Listening {
  readonly event: 'listening';
  readonly port: number;
  readonly interfaces: readonly string[];
}

export interface Hashing {
  readonly event: 'hashing';
  readonly path: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly cached: boolean;
}

export interface Sharing {
  readonly event: 'sharing';
  readonly name: string;
  readonly infoHash: string;
  /** Bytes. */
  readonly size: number;
  readonly pieces: number;
  /** Bytes. */
  readonly pieceLength: number;
  /** Path of the .torrent; null where none could be written. */
  readonly torrent: string | null;
  readonly port: number;
  readonly path: string;
  /** What to type on the other machine. */
  readonly command: string;
  /** `host:port` of this machine, for --peer where the network hides it; null where it has no address. */
  readonly address: string | null;
}

export interface Warning {
  readonly event: 'warning';
  readonly message: string;
}

/** A shared content changed or vanished and is no longer offered. */
export interface Withdrawn {
  readonly event: 'withdrawn';
  readonly infoHash: string;
  readonly path: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export interface Searching {
  readonly event: 'searching';
  readonly target: string;
  readonly interfaces: readonly string[];
  readonly problems: readonly string[];
}

export interface Resolved {
  readonly event: 'resolved';
  readonly infoHash: string;
  readonly name: string;
  /** Null until the metainfo is here. */
  readonly size: number | null;
  readonly pieces: number | null;
  readonly pieceLength: number | null;
}

export interface Resuming {
  readonly event: 'resuming';
  readonly infoHash: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** The name means several different contents; an `error` follows. */
export interface Ambiguous {
  readonly event: 'ambiguous';
  readonly name: string;
  readonly contents: readonly ContentEntry[];
}

export interface PeerChange {
  readonly event: 'peer';
  readonly infoHash: string;
  readonly peerId: string | null;
  /** `host:port`. */
  readonly address: string;
  readonly state: 'connected' | 'disconnected' | 'refused' | 'banned';
  readonly reason: string | null;
}

export interface Progress {
  readonly event: 'progress';
  readonly infoHash: string;
  readonly name: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly uploadedBytes: number;
  readonly peers: number;
  readonly etaSeconds: number | null;
}

export interface Done {
  readonly event: 'done';
  readonly infoHash: string;
  readonly name: string;
  /** Null with --stdout. */
  readonly path: string | null;
  readonly bytes: number;
  readonly downloadedBytes: number;
  readonly seconds: number;
  readonly peers: number;
  readonly alreadyThere: boolean;
}

export interface Seeding {
  readonly event: 'seeding';
  readonly infoHash: string;
  readonly name: string;
}

/** The normal end of `share`. */
export interface Stopped {
  readonly event: 'stopped';
  readonly uploadedBytes: number;
}

/** One content on the LAN. */
export interface ContentEntry {
  readonly name: string;
  readonly infoHash: string;
  readonly size: number;
  readonly pieces: number;
  readonly holders: readonly HolderEntry[];
}

export interface HolderEntry {
  readonly peerId: string;
  /** `host:port` each. */
  readonly addresses: readonly string[];
  /** How it was found. */
  readonly paths: readonly string[];
  readonly piecesHeld: number;
}

export interface ContentFound extends ContentEntry {
  readonly event: 'content';
}

export interface TorrentInfo {
  readonly event: 'torrent';
  readonly name: string;
  readonly infoHash: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly pieces: number;
  readonly pieceLength: number;
  readonly private: boolean;
  readonly trackers: readonly (readonly string[])[];
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** Seconds since 1970. */
  readonly creationDate: number | null;
  readonly files: readonly FileEntry[];
}

export interface FileEntry {
  /** With slashes, and the content's name in front. */
  readonly path: string;
  readonly size: number;
  readonly executable: boolean;
}

export interface Verifying {
  readonly event: 'verifying';
  readonly path: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface Verified {
  readonly event: 'verified';
  readonly path: string;
  readonly infoHash: string;
  readonly matches: boolean;
  readonly piecesGood: number;
  readonly piecesTotal: number;
  readonly badFiles: readonly { readonly path: string; readonly reason: string }[];
}

/** The last event of a command that failed. */
export interface Failure {
  readonly event: 'error';
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string;
}

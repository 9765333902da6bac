import type { Cause } from '../../diagnosis/cause.ts';
import type { ErrorCode, ExitCode } from '../../errors.ts';
import type { TorrentVersion } from '../../metainfo/metainfo.ts';
import type { ClassroomCliEvent } from './classroom/classroom-events.ts';
import type { Matched, StoreChange, TrackerFigures } from './tracker-server/tracker-events.ts';

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
  | TrackersChange
  | Progress
  | Done
  | Seeding
  | Seeded
  | Stopped
  | ContentFound
  | HolderFound
  | HolderGone
  | Created
  | TorrentInfo
  | Verifying
  | Verified
  | InterfaceExamined
  | NodeFound
  | NamedPeerTried
  | PortExamined
  | DatagramsDropped
  | Diagnosis
  | Matched
  | StoreChange
  | TrackerFigures
  | ClassroomCliEvent
  | Failure;

export interface Listening {
  readonly event: 'listening';
  readonly port: number;
  readonly interfaces: readonly string[];
  /** Of a tracker: what to announce to. Empty of a node. */
  readonly urls: readonly string[];
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
  /** 64 digits; null for v1 alone. */
  readonly infoHashV2: string | null;
  readonly version: TorrentVersion;
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

/** How it stands with the trackers of a content. */
export interface TrackersChange {
  readonly event: 'trackers';
  readonly infoHash: string;
  readonly trackers: readonly TrackerEntry[];
}

export interface TrackerEntry {
  readonly url: string;
  readonly state: 'waiting' | 'working' | 'failed';
  /** The tracker's warning, or why it failed. */
  readonly message: string | null;
  readonly seeders: number | null;
  readonly leechers: number | null;
  /** Seconds from one announcement to the next. */
  readonly interval: number | null;
  /** Peers in all its answers. */
  readonly peersReceived: number;
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
  /** With --select: path of what is kept for a later fetch; null for nothing. */
  readonly remains: string | null;
}

export interface Seeding {
  readonly event: 'seeding';
  readonly infoHash: string;
  readonly name: string;
}

/** A content was served as long, or as much, as was asked for; it is not offered any more. */
export interface Seeded {
  readonly event: 'seeded';
  readonly infoHash: string;
  readonly name: string;
  readonly reached: 'time' | 'ratio';
  readonly uploadedBytes: number;
  /** Bytes sent, as a multiple of the bytes of the content; null where it has none. */
  readonly ratio: number | null;
}

/** The normal end of `share` and `seed`. */
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

/** From `list --watch`: somebody holds (part of) a content, or another part of it than before. */
export interface HolderFound {
  readonly event: 'appeared' | 'updated';
  readonly name: string;
  readonly infoHash: string;
  readonly size: number;
  readonly pieces: number;
  readonly holder: HolderEntry;
}

/** From `list --watch`: it left, or holds the content no longer. */
export interface HolderGone {
  readonly event: 'gone';
  readonly infoHash: string;
  readonly peerId: string;
}

export interface Created {
  readonly event: 'created';
  readonly name: string;
  readonly infoHash: string;
  /** 64 digits; null for v1 alone. */
  readonly infoHashV2: string | null;
  readonly version: TorrentVersion;
  /** Bytes. */
  readonly size: number;
  readonly pieces: number;
  /** Bytes. */
  readonly pieceLength: number;
  /** Path of the .torrent. */
  readonly torrent: string;
}

export interface TorrentInfo {
  readonly event: 'torrent';
  readonly name: string;
  readonly infoHash: string;
  /** 64 digits; null for v1 alone. */
  readonly infoHashV2: string | null;
  readonly version: TorrentVersion;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly pieces: number;
  readonly pieceLength: number;
  readonly private: boolean;
  readonly trackers: readonly (readonly string[])[];
  readonly webSeeds: readonly string[];
  readonly comment: string | null;
  readonly createdBy: string | null;
  /** Seconds since 1970. */
  readonly creationDate: number | null;
  readonly files: readonly FileEntry[];
}

export interface FileEntry {
  /** From 1 on, as --list-files shows it. */
  readonly number: number;
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

type EchoWord = 'heard back' | 'not heard back' | 'not sent' | 'not tried';

/** From `doctor`: what became of what we sent to everybody on one interface. */
export interface InterfaceExamined {
  readonly event: 'interface';
  readonly name: string;
  readonly kind: 'lan' | 'loopback' | 'tunnel' | 'container bridge';
  readonly addresses: readonly string[];
  /** False where --interface leaves it out. */
  readonly used: boolean;
  readonly multicastIpv4: EchoWord;
  readonly multicastIpv6: EchoWord;
  readonly broadcast: EchoWord;
  /** The system's code where something was not sent. */
  readonly sendError: string | null;
}

/** From `doctor`: another node. */
export interface NodeFound {
  readonly event: 'node';
  readonly peerId: string;
  /** `host:port` each. */
  readonly addresses: readonly string[];
  /** On this machine. */
  readonly here: boolean;
  /** Ways to find peers that have found it. */
  readonly paths: readonly string[];
  /** How group datagrams passed between it and us. */
  readonly groups: readonly ('multicast IPv4' | 'multicast IPv6' | 'broadcast')[];
  /** Null where it was not tried. */
  readonly dialled: DialWord | null;
}

type DialWord = 'reached' | 'refused' | 'no answer';

/** From `doctor`: a peer that was named with --peer. */
export interface NamedPeerTried {
  readonly event: 'named';
  readonly address: string;
  readonly dialled: DialWord | 'unknown name';
}

/** From `doctor`: the ports of this machine. */
export interface PortExamined {
  readonly event: 'port';
  readonly port: number;
  readonly udp: 'ours' | 'taken';
  /** UDP port of the beacon's groups. */
  readonly groupPort: 'usable' | 'taken';
  /** How another node came to dial us; null where none said so. */
  readonly dialled: DialWord | null;
  /** Its address. */
  readonly by: string | null;
  /** By how much its clock is ahead of ours. */
  readonly clockAheadSeconds: number | null;
}

/** From `doctor`: datagrams that came and were not used. */
export interface DatagramsDropped {
  readonly event: 'dropped';
  readonly path: string;
  readonly reason: string;
  readonly count: number;
}

/** Why nobody is found, or that all is well. */
export interface Diagnosis {
  readonly event: 'diagnosis';
  readonly cause: Cause;
  readonly healthy: boolean;
  readonly message: string;
  readonly remarks: readonly string[];
}

/** The last event of a command that failed; of several fetches, one for each that failed, when it does. */
export interface Failure {
  readonly event: 'error';
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly hint: string;
}

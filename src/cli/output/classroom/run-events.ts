/** What one running peer says. `peer` is the one that tells; peers are named by their ID in PeerInfo.cfg. */
export type PeerRunEvent =
  | PeerListening
  | PeerConnected
  | PeerDisconnected
  | PeerRefused
  | PreferredNeighbors
  | OptimisticNeighbor
  | PeerProgress
  | PeerComplete
  | PeerNote
  | AllComplete;

export interface PeerListening {
  readonly event: 'peer-listening';
  readonly peer: number;
  readonly port: number;
  /** Path of the prescribed log. */
  readonly log: string;
  /** All peers of PeerInfo.cfg, in its order. */
  readonly listed: readonly number[];
}

export interface PeerConnected {
  readonly event: 'peer-connected';
  readonly peer: number;
  readonly with: number;
  /** We dialled. */
  readonly dialed: boolean;
}

export interface PeerDisconnected {
  readonly event: 'peer-disconnected';
  readonly peer: number;
  readonly with: number;
  readonly reason: string;
}

/** Somebody who connected was not taken, or broke the protocol. */
export interface PeerRefused {
  readonly event: 'peer-refused';
  readonly peer: number;
  /** `host:port`. */
  readonly address: string;
  readonly reason: string;
}

export interface PreferredNeighbors {
  readonly event: 'peer-preferred';
  readonly peer: number;
  readonly neighbors: readonly number[];
}

export interface OptimisticNeighbor {
  readonly event: 'peer-optimistic';
  readonly peer: number;
  /** Null for nobody. */
  readonly neighbor: number | null;
}

export interface PeerProgress {
  readonly event: 'peer-progress';
  readonly peer: number;
  readonly piecesDone: number;
  readonly piecesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
}

/** It has the whole file. */
export interface PeerComplete {
  readonly event: 'peer-complete';
  readonly peer: number;
  readonly path: string;
}

/** Something that deviates and is tolerated. */
export interface PeerNote {
  readonly event: 'peer-note';
  readonly peer: number;
  readonly message: string;
}

/** The good end of a peer: everybody has the file. */
export interface AllComplete {
  readonly event: 'all-complete';
  readonly peer: number;
  /** Since it was started. */
  readonly seconds: number;
}

/** The compiler holds it complete. */
const NAMES: { readonly [E in PeerRunEvent['event']]: true } = {
  'peer-listening': true,
  'peer-connected': true,
  'peer-disconnected': true,
  'peer-refused': true,
  'peer-preferred': true,
  'peer-optimistic': true,
  'peer-progress': true,
  'peer-complete': true,
  'peer-note': true,
  'all-complete': true,
};

export function isPeerRunEvent<E extends { readonly event: string }>(
  event: E,
): event is Extract<E, PeerRunEvent> {
  return Object.hasOwn(NAMES, event.event);
}

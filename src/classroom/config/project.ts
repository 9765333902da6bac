/** The ID of a peer as PeerInfo.cfg lists it: 0 to 2^32 - 1, four bytes in the handshake. Minted by `listedPeerId`. */
export type ListedPeerId = number & { readonly __brand: 'ListedPeerId' };

/** What Common.cfg says. */
export interface CommonConfig {
  /** k: neighbours that are unchoked by rate. */
  readonly preferredNeighbors: number;
  /** p. */
  readonly unchokingIntervalSeconds: number;
  /** m. */
  readonly optimisticUnchokingIntervalSeconds: number;
  /** One safe path part. */
  readonly fileName: string;
  /** Bytes. */
  readonly fileSize: number;
  /** Bytes; the last piece may be shorter. */
  readonly pieceSize: number;
}

/** A line of PeerInfo.cfg. */
export interface ListedPeer {
  readonly id: ListedPeerId;
  /** A name or an address, as it is written. */
  readonly host: string;
  readonly port: number;
  /** It has the whole file at the start. */
  readonly hasFile: boolean;
}

/** Both files, each right in itself and with the other. */
export interface Project {
  readonly common: CommonConfig;
  /** In the order of PeerInfo.cfg: each dials all that stand before it. */
  readonly peers: readonly ListedPeer[];
}

export function listedPeerId(value: number): ListedPeerId | undefined {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? (value as ListedPeerId) : undefined;
}

/** How many pieces the file has. */
export function pieceCountOf({ fileSize, pieceSize }: CommonConfig): number {
  return Math.ceil(fileSize / pieceSize);
}

/** 40 lower-case hexadecimal digits: the SHA-1 of the bencoded info dictionary (BEP 3). */
export type InfoHash = string & { readonly __brand: 'InfoHash' };

/** The index of a piece that exists in a given content; minted by `pieceIndex`. */
export type PieceIndex = number & { readonly __brand: 'PieceIndex' };

/** One file of a content, at its place in the concatenation of all (BEP 3). */
export interface MetainfoFile {
  /** Below the content's own name; empty for a single-file content. Every part has passed the name rules. */
  readonly path: readonly string[];
  /** Bytes. */
  readonly length: number;
  /** Bytes from the start of the content. */
  readonly offset: number;
  /** BEP 47 attribute `x`. */
  readonly executable: boolean;
  /** BEP 47 attribute `p`: zeros for alignment, never written to disk. */
  readonly padding: boolean;
}

/** A described content. `infoBytes` are the original bytes that `infoHash` is the SHA-1 of. */
export interface Metainfo {
  readonly infoHash: InfoHash;
  readonly infoBytes: Uint8Array;
  /** One safe path part: the name of the file, or of the folder. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly files: readonly MetainfoFile[];
  /** Bytes of all files together. */
  readonly length: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** 20 bytes a piece. */
  readonly pieceHashes: Uint8Array;
  readonly private: boolean;
}

/** A parsed .torrent: the metainfo and what stands beside the info dictionary. */
export interface Torrent {
  readonly metainfo: Metainfo;
  /** Tracker tiers (BEP 12); empty without trackers. */
  readonly trackers: readonly (readonly string[])[];
  readonly comment: string | undefined;
  readonly createdBy: string | undefined;
  /** Seconds since 1970. */
  readonly creationDate: number | undefined;
}

export function isInfoHash(text: string): text is InfoHash {
  return /^[0-9a-f]{40}$/.test(text);
}

export function infoHashFromBytes(bytes: Uint8Array): InfoHash {
  if (bytes.length !== 20) throw new RangeError('an info-hash has 20 bytes');
  return Buffer.from(bytes).toString('hex') as InfoHash;
}

export function infoHashToBytes(infoHash: InfoHash): Uint8Array {
  return Buffer.from(infoHash, 'hex');
}

/** A number off the wire becomes a PieceIndex only here. */
export function pieceIndex(value: number, pieceCount: number): PieceIndex | undefined {
  return Number.isInteger(value) && value >= 0 && value < pieceCount ? (value as PieceIndex) : undefined;
}

/** All pieces of a content, in order. */
export function* allPieces(pieceCount: number): Generator<PieceIndex> {
  for (let index = 0; index < pieceCount; index++) yield index as PieceIndex;
}

/** Bytes of one piece; the last one may be short. */
export function pieceSize(metainfo: Pick<Metainfo, 'length' | 'pieceLength'>, index: PieceIndex): number {
  return Math.min(metainfo.pieceLength, metainfo.length - index * metainfo.pieceLength);
}

export function pieceHash(metainfo: Metainfo, index: PieceIndex): Uint8Array {
  return metainfo.pieceHashes.subarray(index * 20, index * 20 + 20);
}

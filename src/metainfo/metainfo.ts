/**
 * 40 lower-case hexadecimal digits: the SHA-1 of the bencoded info dictionary (BEP 3); for a content of v2 alone the
 * first half of its SHA-256, as BEP 52 has it wherever twenty bytes are wanted.
 */
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

/** Which hashes describe a content: SHA-1 of pieces (BEP 3), SHA-256 trees of files (BEP 52), or both. */
export type TorrentVersion = 'v1' | 'v2' | 'hybrid';

/** A described content. `infoBytes` are the original bytes that the info-hashes are made of. */
export interface Metainfo {
  /** `unhashed`: no .torrent describes it and no piece can be checked, as in the P2PFILESHARINGPROJ assignment. */
  readonly version: TorrentVersion | 'unhashed';
  readonly infoHash: InfoHash;
  /** 64 lower-case hexadecimal digits: the SHA-256 of `infoBytes` (BEP 52). Undefined of v1 alone. */
  readonly infoHashV2: string | undefined;
  readonly infoBytes: Uint8Array;
  /** One safe path part: the name of the file, or of the folder. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Of v2 alone: with padding between them that no .torrent lists, so that each starts a piece. */
  readonly files: readonly MetainfoFile[];
  /** Bytes of all files together, padding included. */
  readonly length: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** 20 bytes a piece; none of v2 alone, nor of what is unhashed. `matchesPiece` is how to check a piece of any version. */
  readonly pieceHashes: Uint8Array;
  /** Undefined of v1 alone. */
  readonly v2: MetainfoV2 | undefined;
  readonly private: boolean;
}

/** What BEP 52 adds. */
export interface MetainfoV2 {
  /** The tree of each of `Metainfo.files`; undefined for padding and for a file without a byte. */
  readonly trees: readonly (FileTree | undefined)[];
}

/** The Merkle tree over the 16 KiB blocks of one file. */
export interface FileTree {
  /** 32 bytes. */
  readonly piecesRoot: Uint8Array;
  /**
   * The tree's layer in which a hash stands for a piece, 32 bytes each. Undefined for a file that is no longer than
   * a piece, and as long as nobody has told it: it does not stand in the info dictionary.
   */
  readonly pieceLayer: Uint8Array | undefined;
}

/** A parsed .torrent: the metainfo and what stands beside the info dictionary. */
export interface Torrent {
  readonly metainfo: Metainfo;
  /** Tracker tiers (BEP 12); empty without trackers. */
  readonly trackers: readonly (readonly string[])[];
  /** HTTP and HTTPS addresses of the content (BEP 19), each once. */
  readonly webSeeds: readonly string[];
  readonly comment: string | undefined;
  readonly createdBy: string | undefined;
  /** Seconds since 1970. */
  readonly creationDate: number | undefined;
}

/** Throws a TypeError for a content that no .torrent describes. */
export function torrentVersion({ version }: Pick<Metainfo, 'version'>): TorrentVersion {
  if (version === 'unhashed') throw new TypeError('there is no .torrent of an unhashed content');
  return version;
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

/** Bytes of the files themselves, without the padding between them. */
export function filesLength({ files }: Pick<Metainfo, 'files'>): number {
  return files.reduce((sum, file) => (file.padding ? sum : sum + file.length), 0);
}

/** All pieces of a content, in order. */
export function* allPieces(pieceCount: number): Generator<PieceIndex> {
  for (let index = 0; index < pieceCount; index++) yield index as PieceIndex;
}

/** Bytes of one piece; the last one may be short. */
export function pieceSize(metainfo: Pick<Metainfo, 'length' | 'pieceLength'>, index: PieceIndex): number {
  return Math.min(metainfo.pieceLength, metainfo.length - index * metainfo.pieceLength);
}

import { BLOCK_BYTES } from '../limits.ts';
import { merkleRoot, treeWidth } from './merkle.ts';
import { type Metainfo, type MetainfoFile, type PieceIndex, pieceSize } from './metainfo.ts';

/** What the metainfo says of a piece. */
export type ExpectedPiece =
  | { readonly kind: 'sha1'; readonly hash: Uint8Array }
  /** The root of the tree over the blocks of the piece (BEP 52); `width` leaves, a power of two. */
  | { readonly kind: 'tree'; readonly root: Uint8Array; readonly width: number }
  /** The file's piece layer has not been told yet, or the content is unhashed. */
  | { readonly kind: 'unknown' };

/** What is to be hashed of a piece. Zeros behind `length` bytes are padding and in no tree (BEP 52). */
export type PieceDigest =
  | { readonly kind: 'sha1' }
  | { readonly kind: 'blocks'; readonly length: number }
  | { readonly kind: 'both'; readonly length: number };

/** The result: what was asked for is there. */
export interface HashedPiece {
  /** 20 bytes. */
  readonly sha1?: Uint8Array | undefined;
  /** SHA-256 of each block of 16 KiB, 32 bytes each. */
  readonly blockHashes?: Uint8Array | undefined;
}

/** All of a piece that v1 has hashed. */
export const SHA1_DIGEST: PieceDigest = { kind: 'sha1' };

/** What has to be hashed of a piece before `matchesPiece` can judge it. Both parts of a hybrid say the same. */
export function pieceDigest(metainfo: Metainfo, index: PieceIndex): PieceDigest {
  if (metainfo.version !== 'v2') return SHA1_DIGEST;
  return { kind: 'blocks', length: contentSize(metainfo, index) };
}

/** Whether a piece is the one that the metainfo describes; false, too, where that is not known yet. */
export function matchesPiece(metainfo: Metainfo, index: PieceIndex, hashes: HashedPiece): boolean {
  const expected = expectedPiece(metainfo, index);
  switch (expected.kind) {
    case 'sha1':
      return hashes.sha1 !== undefined && Buffer.compare(hashes.sha1, expected.hash) === 0;
    case 'tree':
      return hashes.blockHashes !== undefined && isRootOf(expected, hashes.blockHashes);
    case 'unknown':
      return false;
  }
}

export function expectedPiece(metainfo: Metainfo, index: PieceIndex): ExpectedPiece {
  switch (metainfo.version) {
    case 'v1':
    case 'hybrid':
      return { kind: 'sha1', hash: metainfo.pieceHashes.subarray(index * 20, index * 20 + 20) };
    case 'v2':
      return expectedTree(metainfo, index);
    case 'unhashed':
      return { kind: 'unknown' };
  }
}

/**
 * The same by v2's part alone, which a hybrid has too. `unknown` for v1.
 */
export function expectedTree(metainfo: Metainfo, index: PieceIndex): ExpectedPiece {
  const at = fileOf(metainfo, index);
  const file = metainfo.files[at];
  const tree = metainfo.v2?.trees[at];
  if (file === undefined || tree === undefined) return { kind: 'unknown' };
  const { pieceLength } = metainfo;
  if (file.length <= pieceLength)
    return { kind: 'tree', root: tree.piecesRoot, width: treeWidth(file.length) };
  if (tree.pieceLayer === undefined) return { kind: 'unknown' };
  const start = (index - file.offset / pieceLength) * 32;
  const root = tree.pieceLayer.subarray(start, start + 32);
  return { kind: 'tree', root, width: pieceLength / BLOCK_BYTES };
}

/**
 * Bytes of a piece that are content, where files start pieces (v2 and hybrid): without the padding behind the
 * end of its file. In v1 the whole piece.
 */
export function contentSize(metainfo: Metainfo, index: PieceIndex): number {
  const size = pieceSize(metainfo, index);
  const file = metainfo.v2 === undefined ? undefined : metainfo.files[fileOf(metainfo, index)];
  if (file === undefined || file.padding) return size;
  return Math.min(size, file.offset + file.length - index * metainfo.pieceLength);
}

function isRootOf({ root, width }: { root: Uint8Array; width: number }, blocks: Uint8Array): boolean {
  const count = blocks.length / 32;
  return count >= 1 && count <= width && Buffer.compare(merkleRoot(blocks, width), root) === 0;
}

/** The file that the piece starts in: the last one with bytes that starts at or before it. */
function fileOf({ files, pieceLength }: Metainfo, index: PieceIndex): number {
  const position = index * pieceLength;
  let low = 0;
  let high = files.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (offsetOf(files[middle]) <= position) low = middle;
    else high = middle - 1;
  }
  while (low > 0 && files[low]?.length === 0) low--;
  return low;
}

function offsetOf(file: MetainfoFile | undefined): number {
  return file?.offset ?? 0;
}

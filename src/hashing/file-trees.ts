import { BLOCK_BYTES } from '../limits.ts';
import { emptyRoot, merkleRoot, nextPowerOfTwo, TREE_HASH_BYTES } from '../metainfo/merkle.ts';
import type { FileTree } from '../metainfo/metainfo.ts';

/**
 * The tree of each file (BEP 52) from the roots of all pieces, 32 bytes each, where each file starts a piece.
 * Undefined for a file without a byte.
 */
export function fileTrees(
  files: readonly { readonly length: number }[],
  pieceLength: number,
  roots: Uint8Array,
): readonly (FileTree | undefined)[] {
  const filler = emptyRoot(pieceLength / BLOCK_BYTES);
  let start = 0;
  return files.map(({ length }) => {
    const pieces = Math.ceil(length / pieceLength);
    const layer = roots.subarray(start, start + pieces * TREE_HASH_BYTES);
    start += layer.length;
    if (pieces === 0) return undefined;
    if (pieces === 1) return { piecesRoot: layer, pieceLayer: undefined };
    return { piecesRoot: merkleRoot(layer, nextPowerOfTwo(pieces), filler), pieceLayer: layer };
  });
}

import type { HashPlace } from './hash-place.ts';
import { merkleRoot, parent, TREE_HASH_BYTES } from './merkle.ts';

/**
 * The hashes that were asked for, where the proof behind them leads to the pieces root; otherwise undefined. The place
 * must be a power of two of hashes `height` layers below the root, with its whole proof (`height - 1` layers).
 */
export function provenHashes(
  { piecesRoot, index, length }: HashPlace,
  height: number,
  answer: Uint8Array,
): Uint8Array | undefined {
  const own = Math.log2(length);
  if (answer.length !== (length + height - own) * TREE_HASH_BYTES) return undefined;
  const hashes = answer.subarray(0, length * TREE_HASH_BYTES);
  let root = merkleRoot(hashes, length);
  let at = index / length;
  for (let start = hashes.length; start < answer.length; start += TREE_HASH_BYTES) {
    const uncle = answer.subarray(start, start + TREE_HASH_BYTES);
    root = at % 2 === 0 ? parent(root, uncle) : parent(uncle, root);
    at = Math.floor(at / 2);
  }
  return Buffer.compare(root, piecesRoot) === 0 ? hashes : undefined;
}

import { hash } from 'node:crypto';
import { BLOCK_BYTES } from '../limits.ts';

/** Of every hash in a tree (SHA-256). */
export const TREE_HASH_BYTES = 32;

/** What stands in a tree (BEP 52) where the file has no more blocks. */
export const NO_BLOCK = new Uint8Array(TREE_HASH_BYTES);

/** SHA-256 of each 16 KiB block, 32 bytes each: the leaves of a file's tree. The last block may be short. */
export function blockHashes(bytes: Uint8Array): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(bytes.length / BLOCK_BYTES) * TREE_HASH_BYTES);
  for (let block = 0; block * BLOCK_BYTES < bytes.length; block++) {
    const content = bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
    hashes.set(sha256(content), block * TREE_HASH_BYTES);
  }
  return hashes;
}

/**
 * The root of a tree with `width` hashes (a power of two) in its lowest layer: these, 32 bytes each, and
 * `filler` for those that are missing. Throws RangeError where there are more than `width`, or none.
 */
export function merkleRoot(hashes: Uint8Array, width: number, filler: Uint8Array = NO_BLOCK): Uint8Array {
  const count = hashes.length / TREE_HASH_BYTES;
  if (count < 1 || count > width) throw new RangeError(`${count} hashes do not make a tree of ${width}`);
  let layer = hashes;
  let missing = filler;
  for (let left = width; left > 1; left /= 2) {
    layer = layerAbove(layer, missing);
    missing = parent(missing, missing);
  }
  return layer;
}

/** The root over `leaves` (a power of two) leaves without a block: what fills a layer of pieces. */
export function emptyRoot(leaves: number): Uint8Array {
  return merkleRoot(NO_BLOCK, leaves);
}

/** Leaves in the tree of a file, or of a piece that is a whole file: a power of two. */
export function treeWidth(bytes: number): number {
  return nextPowerOfTwo(Math.ceil(bytes / BLOCK_BYTES));
}

export function nextPowerOfTwo(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  return power;
}

/** 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** The hashes of each two; `filler` stands for one that is missing at the end. */
export function layerAbove(layer: Uint8Array, filler: Uint8Array): Uint8Array {
  const count = layer.length / TREE_HASH_BYTES;
  const above = new Uint8Array(Math.ceil(count / 2) * TREE_HASH_BYTES);
  for (let left = 0; left < count; left += 2) {
    const start = left * TREE_HASH_BYTES;
    const children =
      left + 1 < count
        ? sha256(layer.subarray(start, start + 2 * TREE_HASH_BYTES))
        : parent(layer.subarray(start, start + TREE_HASH_BYTES), filler);
    above.set(children, start / 2);
  }
  return above;
}

/** The hash over two. */
export function parent(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(2 * TREE_HASH_BYTES);
  both.set(left);
  both.set(right, TREE_HASH_BYTES);
  return sha256(both);
}

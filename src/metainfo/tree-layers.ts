import { layerAbove, NO_BLOCK, parent, TREE_HASH_BYTES } from './merkle.ts';

/**
 * A Merkle tree (BEP 52) over one layer: `width` hashes (a power of two) of which those at the end, which stand for
 * nothing, are `filler` and not stored. What lies above is hashed once.
 */
export class TreeLayers {
  /** Layers above the given one; the root is the last of them. */
  readonly height: number;
  /** Hashes of the given layer that stand for something. */
  readonly count: number;
  readonly #layers: Uint8Array[];
  readonly #fillers: Uint8Array[];

  constructor(hashes: Uint8Array, width: number, filler: Uint8Array = NO_BLOCK) {
    this.count = hashes.length / TREE_HASH_BYTES;
    this.height = Math.log2(width);
    this.#layers = [hashes];
    this.#fillers = [filler];
    let layer = hashes;
    let missing = filler;
    for (let height = 1; height <= this.height; height++) {
      layer = layerAbove(layer, missing);
      missing = parent(missing, missing);
      this.#layers.push(layer);
      this.#fillers.push(missing);
    }
  }

  /** `length` hashes of the lowest layer from `index` on. */
  base(index: number, length: number): Uint8Array {
    const stretch = Buffer.alloc(length * TREE_HASH_BYTES, this.#fillers[0]);
    const start = index * TREE_HASH_BYTES;
    stretch.set(this.#layers[0]?.subarray(start, start + stretch.length) ?? []);
    return stretch;
  }

  /**
   * The uncles of the hash at `index` of the lowest layer, in the layers from `lowest` to `highest` (the layer below
   * the root at most), 32 bytes each.
   */
  uncles(index: number, lowest: number, highest: number): Uint8Array {
    const uncles: Uint8Array[] = [];
    for (let height = lowest; height <= Math.min(highest, this.height - 1); height++)
      uncles.push(this.#node(height, sibling(Math.floor(index / 2 ** height))));
    return Buffer.concat(uncles);
  }

  #node(height: number, at: number): Uint8Array {
    const hash = this.#layers[height]?.subarray(at * TREE_HASH_BYTES, (at + 1) * TREE_HASH_BYTES);
    return hash?.length === TREE_HASH_BYTES ? hash : (this.#fillers[height] ?? NO_BLOCK);
  }
}

function sibling(at: number): number {
  return at % 2 === 0 ? at + 1 : at - 1;
}

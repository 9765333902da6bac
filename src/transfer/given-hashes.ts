import { HASHES_PER_REQUEST, MAX_LAYER_COPIES_PER_LINK } from '../limits.ts';
import type { HashPlace } from '../metainfo/hash-place.ts';
import { hashTreesOf } from '../metainfo/hash-trees.ts';
import { TREE_HASH_BYTES } from '../metainfo/merkle.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';

/**
 * What one peer was given of the piece layers (BEP 52). Hashes are given to choked peers, too, so what a peer can
 * make us send of them is bounded: a few times all that there is.
 */
export class GivenHashes {
  #hashes = 0;

  /** The hashes and their proof; undefined where they are not known, or were asked for too often. */
  at(metainfo: Metainfo, place: HashPlace): Uint8Array | undefined {
    const trees = hashTreesOf(metainfo);
    if (trees === undefined) return undefined;
    if (this.#hashes > trees.layerHashes * MAX_LAYER_COPIES_PER_LINK + HASHES_PER_REQUEST) return undefined;
    const answer = trees.ofPieces(place);
    this.#hashes += (answer?.length ?? 0) / TREE_HASH_BYTES;
    return answer;
  }
}

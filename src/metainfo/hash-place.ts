/** Hashes of one file's Merkle tree (BEP 52): `length` of layer `baseLayer` from `index` on, and their proof. */
export interface HashPlace {
  /** 32 bytes: which file. */
  readonly piecesRoot: Uint8Array;
  /** Layers above the hashes of the blocks. */
  readonly baseLayer: number;
  readonly index: number;
  readonly length: number;
  /**
   * Layers above the base that the proof comes from. Those that the hashes themselves give are counted, and left
   * out of the answer.
   */
  readonly proofLayers: number;
}

export function samePlace(one: HashPlace, other: HashPlace): boolean {
  return (
    one.baseLayer === other.baseLayer &&
    one.index === other.index &&
    one.length === other.length &&
    one.proofLayers === other.proofLayers &&
    Buffer.compare(one.piecesRoot, other.piecesRoot) === 0
  );
}

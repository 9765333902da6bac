import { BLOCK_BYTES, HASHES_PER_REQUEST } from '../limits.ts';
import type { HashPlace } from './hash-place.ts';
import { nextPowerOfTwo } from './merkle.ts';
import type { Metainfo } from './metainfo.ts';

/** A piece layer that has not been told yet. */
export interface MissingLayer {
  /** 32 bytes. */
  readonly piecesRoot: Uint8Array;
  readonly pieces: number;
}

/** The layers that a content of v2 alone is still to be told; files of the same content share one. */
export function missingLayers(metainfo: Metainfo): readonly MissingLayer[] {
  if (metainfo.version !== 'v2') return [];
  const layers = new Map<string, MissingLayer>();
  for (const [at, tree] of metainfo.v2?.trees.entries() ?? []) {
    const length = metainfo.files[at]?.length ?? 0;
    if (tree === undefined || tree.pieceLayer !== undefined || length <= metainfo.pieceLength) continue;
    const { piecesRoot } = tree;
    const pieces = Math.ceil(length / metainfo.pieceLength);
    layers.set(Buffer.from(piecesRoot).toString('hex'), { piecesRoot, pieces });
  }
  return [...layers.values()];
}

/** Layers from the pieces' hashes to the root. */
export function layerHeight({ pieces }: MissingLayer): number {
  return Math.log2(nextPowerOfTwo(pieces));
}

/** What to ask for (BEP 52): stretches of 512 hashes with their whole proof; the last one as long as it must be. */
export function* layerRequests(layer: MissingLayer, pieceLength: number): Generator<HashPlace> {
  const { piecesRoot, pieces } = layer;
  const baseLayer = Math.log2(pieceLength / BLOCK_BYTES);
  const proofLayers = layerHeight(layer) - 1;
  for (let index = 0; index < pieces; index += HASHES_PER_REQUEST) {
    const length = Math.min(HASHES_PER_REQUEST, nextPowerOfTwo(Math.max(2, pieces - index)));
    yield { piecesRoot, baseLayer, index, length, proofLayers };
  }
}

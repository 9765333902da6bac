import type { HashPlace } from '../metainfo/hash-place.ts';

/** Pieces root, base layer, index, length, proof layers (BEP 52): the same in both dialects. */
export const HASH_PLACE_BYTES = 48;

export function readHashPlace(payload: Buffer): HashPlace {
  return {
    piecesRoot: payload.subarray(0, 32),
    baseLayer: payload.readUInt32BE(32),
    index: payload.readUInt32BE(36),
    length: payload.readUInt32BE(40),
    proofLayers: payload.readUInt32BE(44),
  };
}

/** Writes a place and the hashes that lie there, none in a request, into `frame` at `offset`. */
export function writeHashes(place: HashPlace, hashes: Uint8Array, frame: Buffer, offset: number): void {
  if (place.piecesRoot.length !== 32) throw new RangeError('a pieces root has 32 bytes');
  frame.set(place.piecesRoot, offset);
  frame.writeUInt32BE(place.baseLayer, offset + 32);
  frame.writeUInt32BE(place.index, offset + 36);
  frame.writeUInt32BE(place.length, offset + 40);
  frame.writeUInt32BE(place.proofLayers, offset + 44);
  frame.set(hashes, offset + HASH_PLACE_BYTES);
}

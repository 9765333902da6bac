import { BLOCK_BYTES } from '../limits.ts';
import type { Bencoded } from './bencode.ts';
import { emptyRoot, merkleRoot, nextPowerOfTwo, TREE_HASH_BYTES } from './merkle.ts';
import type { FileTree, Metainfo } from './metainfo.ts';
import { printableName } from './printable-name.ts';
import { notATorrent } from './torrent-fault.ts';

/** Layers by the hexadecimal digits of their file's pieces root. */
export type PieceLayers = ReadonlyMap<string, Uint8Array>;

/**
 * The "piece layers" that stand beside an info dictionary (BEP 52). Throws NOT_A_TORRENT where it is anything but
 * 32-byte roots with lists of 32-byte hashes. Layers of files that are not there do not matter.
 */
export function readPieceLayers(field: Bencoded | undefined): PieceLayers {
  const layers = new Map<string, Uint8Array>();
  if (field === undefined) return layers;
  if (field.kind !== 'dictionary') throw notATorrent('its "piece layers" is no dictionary');
  for (const [root, { bytes }] of field.entries()) {
    if (root.length !== TREE_HASH_BYTES || bytes === undefined || bytes.length % TREE_HASH_BYTES !== 0)
      throw notATorrent('its piece layers are damaged');
    layers.set(Buffer.from(root).toString('hex'), bytes.slice());
  }
  return layers;
}

/**
 * The metainfo with the piece layer of every file that is longer than a piece and has one here. Throws NOT_A_TORRENT
 * where a layer is not what its file's pieces root stands for.
 */
export function withPieceLayers(metainfo: Metainfo, layers: PieceLayers): Metainfo {
  if (metainfo.v2 === undefined) return metainfo;
  const check = layerCheck(layers, metainfo.pieceLength);
  const trees = metainfo.v2.trees.map((tree, at): FileTree | undefined => {
    const file = metainfo.files[at];
    if (tree === undefined || file === undefined || file.length <= metainfo.pieceLength) return tree;
    const shown = printableName(file.path.join('/') || metainfo.name);
    return { ...tree, pieceLayer: check(tree.piecesRoot, file.length, shown) };
  });
  return { ...metainfo, v2: { ...metainfo.v2, trees } };
}

/** Whether `layer` is the piece layer of a file of `length` bytes with this root. */
export function isPieceLayer(
  layer: Uint8Array,
  piecesRoot: Uint8Array,
  length: number,
  pieceLength: number,
): boolean {
  const pieces = Math.ceil(length / pieceLength);
  if (layer.length !== pieces * TREE_HASH_BYTES) return false;
  const root = merkleRoot(layer, nextPowerOfTwo(pieces), emptyRoot(pieceLength / BLOCK_BYTES));
  return Buffer.compare(root, piecesRoot) === 0;
}

/** Any number of files may have the same content: each layer is hashed once. */
function layerCheck(layers: PieceLayers, pieceLength: number) {
  const proven = new Map<string, number>();
  return (piecesRoot: Uint8Array, length: number, shown: string): Uint8Array | undefined => {
    const root = Buffer.from(piecesRoot).toString('hex');
    const layer = layers.get(root);
    if (layer === undefined) return undefined;
    const pieces = Math.ceil(length / pieceLength);
    if (layer.length !== pieces * TREE_HASH_BYTES)
      throw notATorrent(
        `the piece layer of "${shown}" has ${layer.length / TREE_HASH_BYTES} hashes for ${pieces} pieces`,
      );
    if (proven.get(root) !== pieces && !isPieceLayer(layer, piecesRoot, length, pieceLength))
      throw notATorrent(`the piece layer of "${shown}" does not match its pieces root`);
    proven.set(root, pieces);
    return layer;
  };
}

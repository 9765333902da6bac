import { BLOCK_BYTES, MAX_HASHES_PER_MESSAGE } from '../limits.ts';
import type { HashPlace } from './hash-place.ts';
import { emptyRoot, nextPowerOfTwo, TREE_HASH_BYTES, treeWidth } from './merkle.ts';
import {
  type Metainfo,
  type MetainfoFile,
  type MetainfoV2,
  type PieceIndex,
  pieceIndex,
} from './metainfo.ts';
import { TreeLayers } from './tree-layers.ts';

/** Hashes of blocks that are all of one piece: who has the piece can make them. */
export interface LeafPlace {
  readonly piece: PieceIndex;
  /** The piece within its file. */
  readonly pieceInFile: number;
  /** The first block within the piece. */
  readonly firstBlock: number;
  readonly length: number;
  readonly proofLayers: number;
  /** Leaves of the piece's own tree, a power of two. */
  readonly width: number;
  /** The file's tree above the pieces; undefined for a file of one piece. */
  readonly above: TreeLayers | undefined;
}

interface FileWithTree {
  readonly file: MetainfoFile;
  readonly pieceLayer: Uint8Array | undefined;
}

/** Answers hash requests (BEP 52) about the files of one content, as far as their piece layers are known. */
export class HashTrees {
  /** How many there are in all piece layers that are known. */
  readonly layerHashes: number;
  readonly #metainfo: Metainfo;
  /** By the hexadecimal digits of their pieces roots; of several with the same content the first. */
  readonly #files = new Map<string, FileWithTree>();
  readonly #layers = new Map<Uint8Array, TreeLayers>();

  constructor(metainfo: Metainfo) {
    this.#metainfo = metainfo;
    for (const [at, tree] of metainfo.v2?.trees.entries() ?? []) {
      const file = metainfo.files[at];
      if (file === undefined || tree === undefined) continue;
      const root = Buffer.from(tree.piecesRoot).toString('hex');
      if (!this.#files.has(root)) this.#files.set(root, { file, pieceLayer: tree.pieceLayer });
    }
    const lengths = Array.from(this.#files.values(), ({ pieceLayer }) => pieceLayer?.length ?? 0);
    this.layerHashes = lengths.reduce((sum, length) => sum + length, 0) / TREE_HASH_BYTES;
  }

  /** Hashes of a piece layer with their proof, the lowest first; undefined where they are not known, or not there. */
  ofPieces(place: HashPlace): Uint8Array | undefined {
    if (place.baseLayer !== this.#pieceHeight) return undefined;
    const layers = this.#pieceLayers(this.#fileAt(place));
    if (layers === undefined || !isStretch(place, layers.count, layers.height)) return undefined;
    const { index, length, proofLayers } = place;
    const own = Math.log2(nextPowerOfTwo(length));
    return Buffer.concat([layers.base(index, length), layers.uncles(index, own, proofLayers)]);
  }

  /** What hashes of blocks a request is about; undefined where they are not there, or not all of one piece. */
  leavesAt(place: HashPlace): LeafPlace | undefined {
    const found = this.#fileAt(place);
    if (found === undefined || place.baseLayer !== 0) return undefined;
    const { pieceLength, pieceCount } = this.#metainfo;
    const { length, offset } = found.file;
    const above = this.#pieceLayers(found);
    const isOnePiece = length <= pieceLength;
    if (above === undefined && !isOnePiece) return undefined;
    const width = isOnePiece ? treeWidth(length) : pieceLength / BLOCK_BYTES;
    if (!isStretch(place, Math.ceil(length / BLOCK_BYTES), Math.log2(width) + (above?.height ?? 0)))
      return undefined;
    const pieceInFile = Math.floor(place.index / width);
    const firstBlock = place.index % width;
    const piece = pieceIndex(offset / pieceLength + pieceInFile, pieceCount);
    // Behind the last piece are no blocks, and more than a piece would have several read.
    if (piece === undefined || pieceInFile * pieceLength >= length || firstBlock + place.length > width)
      return undefined;
    const { proofLayers } = place;
    return { piece, pieceInFile, firstBlock, length: place.length, proofLayers, width, above };
  }

  /** Layers between the blocks and the pieces. */
  get #pieceHeight(): number {
    return Math.log2(this.#metainfo.pieceLength / BLOCK_BYTES);
  }

  #fileAt({ piecesRoot }: HashPlace): FileWithTree | undefined {
    return this.#files.get(Buffer.from(piecesRoot).toString('hex'));
  }

  #pieceLayers(found: FileWithTree | undefined): TreeLayers | undefined {
    const hashes = found?.pieceLayer;
    if (hashes === undefined) return undefined;
    const known = this.#layers.get(hashes);
    if (known !== undefined) return known;
    const filler = emptyRoot(this.#metainfo.pieceLength / BLOCK_BYTES);
    const layers = new TreeLayers(hashes, nextPowerOfTwo(hashes.length / TREE_HASH_BYTES), filler);
    this.#layers.set(hashes, layers);
    return layers;
  }
}

/** The answer to a request for hashes of blocks, from those of all blocks of the piece. */
export function hashesOfLeaves(place: LeafPlace, blockHashes: Uint8Array): Uint8Array {
  const { pieceInFile, firstBlock, length, proofLayers, width, above } = place;
  const within = new TreeLayers(blockHashes, width);
  const own = Math.log2(nextPowerOfTwo(length));
  return Buffer.concat([
    within.base(firstBlock, length),
    within.uncles(firstBlock, own, proofLayers),
    // A file of one piece has its root here.
    above?.uncles(pieceInFile, 0, proofLayers - within.height) ?? new Uint8Array(0),
  ]);
}

const known = new WeakMap<MetainfoV2, HashTrees>();

/** What is hashed for one peer is there for the next. */
export function hashTreesOf(metainfo: Metainfo): HashTrees | undefined {
  const { v2 } = metainfo;
  if (v2 === undefined) return undefined;
  const trees = known.get(v2) ?? new HashTrees(metainfo);
  known.set(v2, trees);
  return trees;
}

/**
 * BEP 52: a power of two that begins at a multiple of itself, or cut off by the end of a layer of `count` hashes. The
 * proof ends below the root. libtorrent asks for single hashes, too.
 */
function isStretch({ index, length, proofLayers }: HashPlace, count: number, height: number): boolean {
  if (length < 1 || length > MAX_HASHES_PER_MESSAGE || height === 0) return false;
  const span = nextPowerOfTwo(length);
  if (index % span !== 0 || index + length > 2 ** height) return false;
  return proofLayers < height && (span === length || index + length === count);
}

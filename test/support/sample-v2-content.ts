import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { fileTrees } from '../../src/hashing/file-trees.ts';
import { checkPiece } from '../../src/hashing/piece-hasher.ts';
import { aligned, isPadding } from '../../src/metainfo/alignment.ts';
import { buildInfo } from '../../src/metainfo/create-torrent.ts';
import { merkleRoot, treeWidth } from '../../src/metainfo/merkle.ts';
import { allPieces, type PieceIndex, pieceIndex, pieceSize } from '../../src/metainfo/metainfo.ts';
import { parseInfo } from '../../src/metainfo/parse-info.ts';
import { withPieceLayers } from '../../src/metainfo/piece-layers.ts';
import type { SampleContent } from './sample-content.ts';
import { seededRandom } from './seeded-random.ts';

/** A folder of v2 (BEP 52) in memory, its files in the order of their names; pieces of 32 KiB. */
export function sampleV2Content(
  lengths: Readonly<Record<string, number>>,
  seed = 1,
  version: 'v2' | 'hybrid' = 'v2',
): SampleContent {
  const pieceLength = 32 * 1024;
  const random = seededRandom(seed);
  const files = Object.entries(lengths).map(([path, length]) => ({
    path: path.split('/'),
    length,
    executable: false,
    bytes: Buffer.from(random.bytes(length)),
  }));
  const roots = files.flatMap(({ bytes }) => pieceRoots(bytes, pieceLength));
  const trees = fileTrees(files, pieceLength, Buffer.concat(roots));
  const bytes = Buffer.concat(
    [...aligned(files, pieceLength)].map((part) =>
      isPadding(part) ? Buffer.alloc(part.length) : part.bytes,
    ),
  );
  const info = buildInfo({
    version,
    name: 'modern',
    kind: 'folder',
    files,
    pieceLength,
    pieceHashes: version === 'hybrid' ? sha1OfPieces(bytes, pieceLength) : new Uint8Array(0),
    trees,
  });
  const layers = trees.flatMap((tree) =>
    tree?.pieceLayer === undefined
      ? []
      : [[Buffer.from(tree.piecesRoot).toString('hex'), tree.pieceLayer] as const],
  );
  const metainfo = withPieceLayers(parseInfo(info), new Map(layers));
  const piece = (index: PieceIndex): Buffer =>
    bytes.subarray(index * pieceLength, index * pieceLength + pieceSize(metainfo, index));
  return {
    metainfo,
    bytes,
    crc32s: Uint32Array.from(allPieces(metainfo.pieceCount), (index) => crc32(piece(index))),
    piece,
    index(number) {
      const index = pieceIndex(number, metainfo.pieceCount);
      if (index === undefined) throw new RangeError(`there is no piece ${number}`);
      return index;
    },
    file(position) {
      const { offset, length } = metainfo.files[position] ?? { offset: 0, length: 0 };
      return bytes.subarray(offset, offset + length);
    },
  };
}

function sha1OfPieces(bytes: Buffer, pieceLength: number): Uint8Array {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceLength) }, (_, at) =>
    bytes.subarray(at * pieceLength, (at + 1) * pieceLength),
  );
  return Buffer.concat(pieces.map((piece) => createHash('sha1').update(piece).digest()));
}

function pieceRoots(bytes: Buffer, pieceLength: number): Uint8Array[] {
  const roots: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += pieceLength) {
    const piece = bytes.subarray(start, start + pieceLength);
    const { blockHashes } = checkPiece(piece, { kind: 'blocks', length: piece.length });
    if (blockHashes === undefined) throw new Error('block hashes were asked for');
    roots.push(merkleRoot(blockHashes, treeWidth(Math.min(bytes.length, pieceLength))));
  }
  return roots;
}

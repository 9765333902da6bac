import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES } from '../../src/limits.ts';
import type { HashPlace } from '../../src/metainfo/hash-place.ts';
import { provenHashes } from '../../src/metainfo/hash-proof.ts';
import { HashTrees, hashesOfLeaves } from '../../src/metainfo/hash-trees.ts';
import { blockHashes, nextPowerOfTwo } from '../../src/metainfo/merkle.ts';
import type { FileTree, Metainfo } from '../../src/metainfo/metainfo.ts';
import { layerHeight, layerRequests, missingLayers } from '../../src/metainfo/missing-layers.ts';
import { withPieceLayers } from '../../src/metainfo/piece-layers.ts';
import { sampleV2Content } from '../support/sample-v2-content.ts';

/** All layers of a tree written out, the leaves first; hashes are hexadecimal here. */
function plainLayers(leaves: readonly Uint8Array[], width: number): string[][] {
  const zero = '00'.repeat(32);
  let layer = Array.from({ length: width }, (_, at) => Buffer.from(leaves[at] ?? []).toString('hex') || zero);
  const layers = [layer];
  while (layer.length > 1) {
    layer = layer.flatMap((left, at, all) => (at % 2 === 0 ? [hashOf(left + all[at + 1])] : []));
    layers.push(layer);
  }
  return layers;
}

function hashOf(digits: string): string {
  return createHash('sha256').update(Buffer.from(digits, 'hex')).digest('hex');
}

function each32(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / 32 }, (_, at) =>
    Buffer.from(bytes.subarray(at * 32, at * 32 + 32)).toString('hex'),
  );
}

const files = new Map<number, ReturnType<typeof makeFile>>();

function fileOf(blocks: number): ReturnType<typeof makeFile> {
  const file = files.get(blocks) ?? makeFile(blocks);
  files.set(blocks, file);
  return file;
}

/** One file, pieces of two blocks, and its whole tree. */
function makeFile(blocks: number) {
  const content = sampleV2Content({ movie: blocks * BLOCK_BYTES - 7 });
  const leaves = each32(blockHashes(content.bytes)).map((digits) => Buffer.from(digits, 'hex'));
  const layers = plainLayers(leaves, nextPowerOfTwo(blocks));
  const piecesRoot = Buffer.from(layers.at(-1)?.[0] ?? '', 'hex');
  return { ...content, layers, piecesRoot, trees: new HashTrees(content.metainfo) };
}

/** BEP 52: the hashes, then the siblings of their ancestors that the hashes do not give. */
function plainAnswer(
  layers: readonly string[][],
  { baseLayer, index, length, proofLayers }: HashPlace,
): string[] {
  const answer = layers[baseLayer]?.slice(index, index + length) ?? [];
  for (let layer = 1; layer <= proofLayers; layer++) {
    if (2 ** layer < length) continue;
    const ancestor = Math.floor(index / 2 ** layer);
    answer.push(layers[baseLayer + layer]?.[ancestor % 2 === 0 ? ancestor + 1 : ancestor - 1] ?? '?');
  }
  return answer;
}

/** The same without its piece layers, as the info dictionary alone gives it. */
function withoutLayers(metainfo: Metainfo): Metainfo {
  const trees = metainfo.v2?.trees.map(
    (tree): FileTree | undefined => tree && { ...tree, pieceLayer: undefined },
  );
  return { ...metainfo, v2: trees && { trees } };
}

const blocks = fc.integer({ min: 3, max: 70 });
const power = (most: number) => fc.integer({ min: 1, max: most }).map((exponent) => 2 ** exponent);

describe('hashes of pieces', () => {
  it('come with the uncles that the tree written out has, for any stretch', () => {
    fc.assert(
      fc.property(blocks, power(6), fc.nat(), fc.nat(), (count, length, at, proof) => {
        const { layers, trees, piecesRoot } = fileOf(count);
        const width = layers[1]?.length ?? 0;
        fc.pre(length <= width);
        const index = (at % (width / length)) * length;
        const proofLayers = proof % Math.log2(width);
        const place = { piecesRoot, baseLayer: 1, index, length, proofLayers };
        expect(each32(trees.ofPieces(place) ?? new Uint8Array(0))).toEqual(plainAnswer(layers, place));
      }),
      { numRuns: 200 },
    );
  });

  it('may be one, as libtorrent asks for it, with its sibling as the first uncle', () => {
    const { layers, trees, piecesRoot } = fileOf(10);
    const place = { piecesRoot, baseLayer: 1, index: 4, length: 1, proofLayers: 2 };
    const [, pieces, pairs, fours] = layers;
    expect(each32(trees.ofPieces(place) ?? new Uint8Array(0))).toEqual([
      pieces?.[4],
      pieces?.[5],
      pairs?.[3],
      fours?.[0],
    ]);
  });

  it('may be cut off by the end of the layer', () => {
    const { layers, trees, piecesRoot } = fileOf(14);
    const place = { piecesRoot, baseLayer: 1, index: 4, length: 3, proofLayers: 2 };
    expect(each32(trees.ofPieces(place) ?? new Uint8Array(0))).toEqual([
      ...(layers[1]?.slice(4, 7) ?? []),
      layers[3]?.[0],
    ]);
  });

  it.each([
    ['no hash', { length: 0 }],
    ['no power of two', { length: 3 }],
    ['a place that is no multiple of the length', { index: 1 }],
    ['hashes behind the end', { index: 16 }],
    ['hashes far behind the end', { index: 0xffff_fffe }],
    ['more than there are', { length: 32 }],
    ['more than anybody gives', { length: 2 ** 31 }],
    ['a proof beyond the root', { proofLayers: 4 }],
    ['another layer', { baseLayer: 2 }],
    ['the layer of the blocks', { baseLayer: 0 }],
    ['another file', { piecesRoot: Buffer.alloc(32, 1) }],
  ])('are refused where %s is asked for', (_, change) => {
    const { trees, piecesRoot } = fileOf(20);
    const place = { piecesRoot, baseLayer: 1, index: 0, length: 2, proofLayers: 3 };
    expect(trees.ofPieces(place)).toBeInstanceOf(Uint8Array);
    expect(trees.ofPieces({ ...place, ...change })).toBeUndefined();
  });

  it('are refused where the layer is not known, and for a file of one piece', () => {
    const { metainfo, piecesRoot } = fileOf(20);
    const place = { piecesRoot, baseLayer: 1, index: 0, length: 2, proofLayers: 3 };
    expect(new HashTrees(withoutLayers(metainfo)).ofPieces(place)).toBeUndefined();
    const small = fileOf(2);
    expect(small.trees.ofPieces({ ...place, piecesRoot: small.piecesRoot })).toBeUndefined();
  });
});

describe('hashes of blocks', () => {
  it('come with the uncles up to the root of the file, for any stretch of a piece', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.boolean(),
        fc.nat(),
        fc.nat(),
        (count, two, at, proof) => {
          const { layers, trees, piecesRoot, piece, metainfo } = fileOf(count);
          const length = two ? 2 : 1;
          const index = (at % Math.ceil(count / 2)) * 2 + (two ? 0 : proof % 2);
          const proofLayers = proof % Math.log2(layers[0]?.length ?? 1);
          const place = { piecesRoot, baseLayer: 0, index, length, proofLayers };
          const leaves = trees.leavesAt(place);
          if (leaves === undefined) throw new Error('refused');
          expect(leaves.piece).toBe(Math.floor(index / 2));
          const held = piece(leaves.piece);
          const content = held.subarray(
            0,
            Math.min(held.length, metainfo.length - leaves.piece * 2 * BLOCK_BYTES),
          );
          const answer = each32(hashesOfLeaves(leaves, blockHashes(content)));
          const expected = plainAnswer(layers, place);
          // A single hash has a sibling in its own layer.
          if (!two) expected.splice(1, 0, layers[0]?.[index % 2 === 0 ? index + 1 : index - 1] ?? '?');
          expect(answer).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are refused where they are of several pieces, behind the last one, or of a layer between', () => {
    const { trees, piecesRoot } = fileOf(11);
    const place = { piecesRoot, baseLayer: 0, index: 0, length: 2, proofLayers: 3 };
    expect(trees.leavesAt(place)).toBeDefined();
    expect(trees.leavesAt({ ...place, length: 4 })).toBeUndefined();
    expect(trees.leavesAt({ ...place, index: 12 })).toBeUndefined();
    expect(trees.leavesAt({ ...place, proofLayers: 4 })).toBeUndefined();
    expect(trees.leavesAt({ ...place, baseLayer: 1 })).toBeUndefined();
    expect(trees.leavesAt({ ...place, piecesRoot: Buffer.alloc(32, 1) })).toBeUndefined();
  });
});

describe('the piece layers that are still to come', () => {
  it('are put together again from what their requests are answered with', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 200 }), (count) => {
        const { metainfo, trees } = fileOf(count);
        const bare = withoutLayers(metainfo);
        const [layer, ...others] = missingLayers(bare);
        if (layer === undefined) throw new Error('no layer is missing');
        expect(others).toEqual([]);
        const hashes = [...layerRequests(layer, bare.pieceLength)].map((place) => {
          const proven = provenHashes(place, layerHeight(layer), trees.ofPieces(place) ?? new Uint8Array(0));
          if (proven === undefined) throw new Error('the proof fails');
          return proven;
        });
        const whole = Buffer.concat(hashes).subarray(0, layer.pieces * 32);
        const root = Buffer.from(layer.piecesRoot).toString('hex');
        const completed = withPieceLayers(bare, new Map([[root, whole]]));
        expect(completed.v2?.trees[0]?.pieceLayer).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('are asked for in stretches of 512, the last one no longer than it must be', () => {
    const layer = { piecesRoot: Buffer.alloc(32), pieces: 1_030 };
    const places = [...layerRequests(layer, 4 * BLOCK_BYTES)];
    expect(
      places.map(({ baseLayer, index, length, proofLayers }) => [baseLayer, index, length, proofLayers]),
    ).toEqual([
      [2, 0, 512, 10],
      [2, 512, 512, 10],
      [2, 1_024, 8, 10],
    ]);
    const [, last] = [...layerRequests({ ...layer, pieces: 513 }, BLOCK_BYTES)];
    expect(last).toMatchObject({ index: 512, length: 2 });
  });

  it('are none of a hybrid, and one of two files with the same content', () => {
    const { metainfo } = sampleV2Content({ a: 100_000, b: 10 });
    expect(missingLayers({ ...withoutLayers(metainfo), version: 'hybrid' })).toEqual([]);
    expect(missingLayers(metainfo)).toEqual([]);
    const tree = withoutLayers(metainfo).v2?.trees[0];
    const file = metainfo.files[0];
    if (file === undefined) throw new Error('no file');
    const twice = { ...metainfo, files: [file, file], v2: { trees: [tree, tree] } };
    expect(missingLayers(twice)).toHaveLength(1);
  });
});

describe('a proof', () => {
  it('fails where any bit of the hashes or of the proof is another', () => {
    const { trees, piecesRoot } = fileOf(40);
    const place = { piecesRoot, baseLayer: 1, index: 8, length: 4, proofLayers: 4 };
    const answer = trees.ofPieces(place) ?? new Uint8Array(0);
    expect(provenHashes(place, 5, answer)).toEqual(answer.subarray(0, 4 * 32));
    for (let at = 0; at < answer.length; at++) {
      const forged = Uint8Array.from(answer);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(provenHashes(place, 5, forged)).toBeUndefined();
    }
  });

  it('fails where hashes are missing, too many, or of another place', () => {
    const { trees, piecesRoot } = fileOf(40);
    const place = { piecesRoot, baseLayer: 1, index: 8, length: 4, proofLayers: 4 };
    const answer = trees.ofPieces(place) ?? new Uint8Array(0);
    expect(provenHashes(place, 5, new Uint8Array(0))).toBeUndefined();
    expect(provenHashes(place, 5, answer.subarray(32))).toBeUndefined();
    expect(provenHashes(place, 5, Buffer.concat([answer, Buffer.alloc(32)]))).toBeUndefined();
    const elsewhere = trees.ofPieces({ ...place, index: 4 }) ?? new Uint8Array(0);
    expect(provenHashes(place, 5, elsewhere)).toBeUndefined();
  });
});

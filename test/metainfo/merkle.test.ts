import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockHashes, emptyRoot, merkleRoot, nextPowerOfTwo, treeWidth } from '../../src/metainfo/merkle.ts';

const KiB = 1024;

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** By the definition: all leaves written out, then layer by layer. */
function plainRoot(leaves: readonly Uint8Array[], width: number, filler: Uint8Array): Uint8Array {
  let layer = Array.from({ length: width }, (_, at) => leaves[at] ?? filler);
  while (layer.length > 1)
    layer = layer.flatMap((left, at) => (at % 2 === 0 ? [sha256(left, layer[at + 1] ?? filler)] : []));
  return layer[0] ?? filler;
}

describe('a Merkle tree', () => {
  it('has a leaf for each block of 16 KiB, the last one as short as it is', () => {
    const bytes = Buffer.alloc(40 * KiB, 'x');
    const leaves = [
      bytes.subarray(0, 16 * KiB),
      bytes.subarray(16 * KiB, 32 * KiB),
      bytes.subarray(32 * KiB),
    ];
    expect(Buffer.from(blockHashes(bytes))).toEqual(Buffer.concat(leaves.map((leaf) => sha256(leaf))));
    expect(blockHashes(new Uint8Array(0))).toHaveLength(0);
  });

  it('has the root that writing all of it out gives, for any number of leaves and any width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 2 }),
        fc.nat(255),
        (count, more, fill) => {
          const leaves = Array.from({ length: count }, (_, at) => sha256(Buffer.from([at])));
          const width = nextPowerOfTwo(count) * 2 ** more;
          const filler = Buffer.alloc(32, fill);
          const root = merkleRoot(Buffer.concat(leaves), width, filler);
          expect(Buffer.from(root)).toEqual(Buffer.from(plainRoot(leaves, width, filler)));
        },
      ),
    );
  });

  it('of one leaf is that leaf', () => {
    const leaf = sha256(Buffer.from('x'));
    expect(merkleRoot(leaf, 1)).toEqual(leaf);
  });

  it('cannot hold more hashes than it is wide, nor none', () => {
    expect(() => merkleRoot(Buffer.alloc(96), 2)).toThrow(RangeError);
    expect(() => merkleRoot(Buffer.alloc(0), 2)).toThrow(RangeError);
  });

  it('without blocks is made of zeros', () => {
    expect(emptyRoot(1)).toEqual(new Uint8Array(32));
    expect(Buffer.from(emptyRoot(2))).toEqual(sha256(Buffer.alloc(64)));
  });

  it.each([
    [1, 1],
    [16 * KiB, 1],
    [16 * KiB + 1, 2],
    [33 * KiB, 4],
    [64 * KiB, 4],
  ])('over %d bytes is %d leaves wide', (bytes, width) => {
    expect(treeWidth(bytes)).toBe(width);
  });
});

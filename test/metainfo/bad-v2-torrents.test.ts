import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanshareError } from '../../src/errors.ts';
import { type BencodeInput, encodeBencode } from '../../src/metainfo/bencode.ts';
import { encodeDictionary } from '../../src/metainfo/bencode-dictionary.ts';
import { blockHashes, merkleRoot } from '../../src/metainfo/merkle.ts';
import { parseTorrent } from '../../src/metainfo/parse-torrent.ts';
import { HYBRID_TORRENT, VERSION_2_TORRENT } from './libtorrent-samples.ts';
import { entry, type Keys, leaf, torrentOfV2 } from './sample-torrent.ts';

const ROOT = Buffer.alloc(32, 1);
const FILE = leaf({ length: 5, 'pieces root': ROOT });

/** Two pieces of 16 KiB, a block each, so that the blocks are the piece layer. */
const LAYER = blockHashes(Buffer.alloc(20_000, 'a'));
const LAYER_ROOT = merkleRoot(LAYER, 2);
const LONG = leaf({ length: 20_000, 'pieces root': LAYER_ROOT });

function refusal(bytes: Uint8Array): LanshareError | undefined {
  try {
    parseTorrent(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof LanshareError) return error;
    throw error;
  }
}

/** A v2 torrent of one file of 20,000 bytes with these piece layers. */
function layered(layers: Uint8Array): Uint8Array {
  const info = { 'file tree': { a: LONG }, 'meta version': 2, name: 'sample', 'piece length': 16_384 };
  return encodeDictionary([
    ['info', encodeBencode(info)],
    ['piece layers', layers],
  ]);
}

function layersOf(root: Uint8Array, layer: BencodeInput): Uint8Array {
  return encodeDictionary([[root, encodeBencode(layer)]]);
}

/** A hybrid of `a` with 20,000 bytes, padding, and `b` with 10; `info` changes, adds or removes keys. */
function hybrid(info: Keys): Uint8Array {
  const files = [entry(['a'], 20_000), entry(['.pad', '12768'], 12_768, { attr: 'p' }), entry(['b'], 10)];
  const common = {
    files,
    'file tree': { a: LONG, b: leaf({ length: 10, 'pieces root': ROOT }) },
    'meta version': 2,
    name: 'sample',
    'piece length': 16_384,
    pieces: Buffer.alloc(60),
  };
  return encodeDictionary([
    ['info', encodeBencode({ ...common, ...info })],
    ['piece layers', layersOf(LAYER_ROOT, LAYER)],
  ]);
}

describe('a .torrent of v2 that is none', () => {
  it('is told from one that is', () => {
    expect(refusal(torrentOfV2({ a: FILE }))).toBeUndefined();
    expect(refusal(layered(layersOf(LAYER_ROOT, LAYER)))).toBeUndefined();
    expect(refusal(hybrid({}))).toBeUndefined();
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['version 3', torrentOfV2({ a: FILE }, { 'meta version': 3 }), /meta version is 3/],
    [
      'a version that is text',
      torrentOfV2({ a: FILE }, { 'meta version': '2' }),
      /meta version is no number/,
    ],
    ['no version', torrentOfV2({ a: FILE }, { 'meta version': undefined }), /"meta version" is missing/],
    ['no name', torrentOfV2({ a: FILE }, { name: undefined }), /"name" is missing/],
    ['no piece length', torrentOfV2({ a: FILE }, { 'piece length': undefined }), /"piece length" is missing/],
    ['a piece length of zero', torrentOfV2({ a: FILE }, { 'piece length': 0 }), /piece length is no size/],
    ['a piece length of 48 KiB', torrentOfV2({ a: FILE }, { 'piece length': 49_152 }), /no power of two/],
    ['a piece length of 8 KiB', torrentOfV2({ a: FILE }, { 'piece length': 8_192 }), /no power of two/],
    ['no file tree', torrentOfV2({}, { 'file tree': undefined }), /"file tree" is missing/],
    ['a file tree that is a list', torrentOfV2([]), /"file tree" is missing/],
    ['no files', torrentOfV2({}), /describes no file/],
    ['only folders', torrentOfV2({ a: { b: {} } }), /describes no file/],
    [
      'only a symbolic link',
      torrentOfV2({ a: leaf({ attr: 'l', 'symlink path': ['b'] }) }),
      /describes no file/,
    ],
    ['a folder that is text', torrentOfV2({ a: { b: 'c' } }), /"a\/b" in its file tree is no dictionary/],
    ['a file that is a number', torrentOfV2({ a: { '': 5 } }), /"a" in its file tree is no dictionary/],
    ['a file at the root', torrentOfV2({ '': { length: 0 } }), /a name in its file tree is empty/],
    [
      'a file that is a folder',
      torrentOfV2({ a: { ...FILE, b: FILE } }),
      /"a" .* a file and a folder at once/,
    ],
    ['padding in the tree', torrentOfV2({ a: leaf({ attr: 'p', length: 5 }) }), /"a" .* is padding/],
    ['no length', torrentOfV2({ a: leaf({ 'pieces root': ROOT }) }), /length of a file is missing/],
    ['a negative length', torrentOfV2({ a: leaf({ length: -5 }) }), /length of a file is no size/],
    ['no pieces root', torrentOfV2({ a: leaf({ length: 5 }) }), /"a" has no pieces root/],
    [
      'a short pieces root',
      torrentOfV2({ a: leaf({ length: 5, 'pieces root': ROOT.subarray(1) }) }),
      /pieces root of "a" is no SHA-256/,
    ],
    [
      'a pieces root of zeros',
      torrentOfV2({ a: leaf({ length: 5, 'pieces root': Buffer.alloc(32) }) }),
      /pieces root of "a" is no SHA-256/,
    ],
    [
      'lengths beyond 2^53',
      torrentOfV2({ a: FILE, b: leaf({ length: 2 ** 53 - 1, 'pieces root': ROOT }) }),
      /larger than 16 TiB/,
    ],
    [
      'too many pieces',
      torrentOfV2({ a: leaf({ length: 2 ** 43, 'pieces root': ROOT }) }),
      /more than 2097152 pieces/,
    ],
    ['a layer that is a list', layered(layersOf(LAYER_ROOT, [])), /piece layers are damaged/],
    ['half a hash', layered(layersOf(LAYER_ROOT, LAYER.subarray(1))), /piece layers are damaged/],
    ['a layer of a short root', layered(layersOf(LAYER_ROOT.subarray(1), LAYER)), /piece layers are damaged/],
    ['a short layer', layered(layersOf(LAYER_ROOT, LAYER.subarray(32))), /"a" has 1 hashes for 2 pieces/],
    ['a long layer', layered(layersOf(LAYER_ROOT, Buffer.alloc(96))), /"a" has 3 hashes for 2 pieces/],
    ['an empty layer', layered(layersOf(LAYER_ROOT, '')), /"a" has 0 hashes for 2 pieces/],
    ['another layer', layered(layersOf(LAYER_ROOT, Buffer.alloc(64, 3))), /does not match its pieces root/],
  ])('is refused for %s', (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error?.code).toBe('NOT_A_TORRENT');
    expect(error?.exitCode).toBe(8);
    expect(error?.message).toMatch(message);
  });

  it.each<[string, Keys, RegExp]>([
    [
      'another size',
      { files: [entry(['a'], 32_768), entry(['b'], 10)] },
      /"a" has 32768 bytes in v1 and 20000 in v2/,
    ],
    [
      'another name',
      { files: [entry(['c'], 32_768), entry(['b'], 10)] },
      /file 1 is "c" in v1 and "a" in v2/,
    ],
    [
      'another order',
      { files: [entry(['b'], 10), entry(['a'], 20_000)] },
      /file 1 is "b" in v1 and "a" in v2/,
    ],
    [
      'one file more',
      { files: [entry(['a'], 20_000), entry(['b'], 10), entry(['c'], 0)] },
      /3 files and v2 has 2/,
    ],
    [
      'no padding',
      { files: [entry(['a'], 20_000), entry(['b'], 10)] },
      /"b" starts at byte 20000 in v1 and at 32768 in v2/,
    ],
    [
      'a piece of padding',
      {
        files: [entry(['a'], 20_000), entry(['.pad', '1'], 12_768 + 16_384, { attr: 'p' }), entry(['b'], 10)],
      },
      /"b" starts at byte 49152 in v1 and at 32768 in v2/,
    ],
    [
      'padding at the end',
      {
        files: [
          entry(['a'], 20_000),
          entry(['.pad', '1'], 12_768, { attr: 'p' }),
          entry(['b'], 10),
          entry(['.pad', '2'], 20_000, { attr: 'p' }),
        ],
      },
      /v1 has another padding/,
    ],
    ['a single file', { files: undefined, length: 32_778 }, /1 files and v2 has 2/],
    ['no tree', { 'file tree': undefined }, /"file tree" is missing/],
  ])('is refused for %s in the v1 part of a hybrid', (_, info, message) => {
    const error = refusal(hybrid(info));
    expect(error?.code).toBe('NOT_A_TORRENT');
    expect(error?.message).toMatch(message);
  });

  it('costs no more to check where many files have one layer', () => {
    const names = Array.from({ length: 20_000 }, (_, at) => [`f${at}`, LONG] as const);
    const info = {
      'file tree': Object.fromEntries(names),
      'meta version': 2,
      name: 'sample',
      'piece length': 16_384,
    };
    const bytes = encodeDictionary([
      ['info', encodeBencode(info)],
      ['piece layers', layersOf(LAYER_ROOT, LAYER)],
    ]);
    const trees = parseTorrent(bytes).metainfo.v2?.trees ?? [];
    expect(new Set(trees.flatMap((tree) => tree?.pieceLayer ?? []))).toHaveProperty('size', 1);
  });

  it.each([
    ['v2', VERSION_2_TORRENT],
    ['hybrid', HYBRID_TORRENT],
  ])('is read or refused with exit code 8, whatever byte of a %s is damaged', (_, bytes) => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = byte;
        expect(refusal(damaged)?.exitCode ?? 8).toBe(8);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['v2', VERSION_2_TORRENT],
    ['hybrid', HYBRID_TORRENT],
  ])('is refused wherever a %s is cut off', (_, bytes) => {
    for (let length = 0; length < bytes.length; length++)
      expect(refusal(bytes.subarray(0, length))?.code).toBe('NOT_A_TORRENT');
  });
});

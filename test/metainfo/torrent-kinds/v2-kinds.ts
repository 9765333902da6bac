import { type Kind, loads, refused } from './kind.ts';
import {
  type Dictionary,
  entry,
  hashes,
  hybrid,
  inOrder,
  LAYER,
  LAYER_ROOT,
  LONG,
  layers,
  leaf,
  link,
  padding,
  SHORT,
  v1,
  v2,
} from './write.ts';

const SOLE = { namesDiffer: 'a sole file that is named other than the whole lies in a folder with lanshare' };
const CODE_PAGE = { namesDiffer: 'lanshare reads older encodings, where libtorrent puts underscores' };
const UNNAMED = { namesDiffer: 'libtorrent gives such a file the name of its folder' };
const LAYER_FAULT = /piece layers are damaged|piece layer of "a"/;
const PARTS = /its parts for v1 and v2 do not describe the same/;
const NO_POWER = /no power of two of at least 16 KiB/;
const ROOT = Buffer.alloc(32, 1);
const of = (keys: Dictionary) => v2({ a: LONG, b: leaf({ length: 5, 'pieces root': ROOT, ...keys }) });
const deep = (depth: number): Dictionary => (depth === 0 ? SHORT : { a: deep(depth - 1) });
const called = (name: string | Uint8Array) => v2(inOrder([name, LONG], ['zz', SHORT]));
const inFolder = (name: string | Uint8Array) => v2(inOrder([name, { f: LONG }], ['zz', SHORT]));
const twoFiles = { a: LONG, b: SHORT };
const withLayers = (value: Dictionary[string]) => v2(twoFiles, {}, { 'piece layers': value });
const a = entry(['a'], 20_000);
const b = entry(['b'], 5);
const files = (...listed: readonly Dictionary[]) => hybrid({ files: listed });

/** BEP 52. */
export const V2_KINDS: readonly Kind[] = [
  loads('two files', v2(twoFiles)),
  loads('one file', v2({ sample: LONG })),
  loads('one file of another name', v2({ other: LONG }), SOLE),
  loads('one file in a folder', v2({ x: { y: LONG } })),
  loads('a folder without files', v2({ ...twoFiles, c: {}, d: { e: {} } })),
  ...[1, -1, 0, '2', undefined].map((version) =>
    refused(`version ${version}`, v2(twoFiles, { 'meta version': version }), /meta version/),
  ),
  ...[3, 4, 2 ** 31 - 1].map((version) =>
    refused(`version ${version}`, v2(twoFiles, { 'meta version': version }), /only 1 and 2 are known/),
  ),
  ...[1, 0, -1, '2', 'x'].map((version) =>
    loads(`v1 of version ${version}`, v1({ 'meta version': version, 'file tree': 'x' })),
  ),
  ...[1, undefined].map((version) =>
    refused(
      `v1 of version ${version} with a tree`,
      v1({ 'meta version': version, 'file tree': twoFiles }),
      /meta version/,
    ),
  ),
  refused('v1 of version 3', v1({ 'meta version': 3 }), /only 1 and 2 are known/),
  ...[1, 8_192, 16_385, 24_576, 49_152].map((bytes) =>
    refused(`pieces of ${bytes} bytes`, v2(twoFiles, { 'piece length': bytes }), NO_POWER),
  ),
  refused('no piece length', v2(twoFiles, { 'piece length': undefined }), /"piece length" is missing/),
  refused('a piece length of zero', v2(twoFiles, { 'piece length': 0 }), /piece length is no size/),
  refused('no name', v2(twoFiles, { name: undefined }), /"name" is missing/),
  loads('an empty name', v2(twoFiles, { name: '' })),
  loads('the name ..', v2(twoFiles, { name: '..' })),
  refused('no tree', v2(undefined), /"file tree" is missing/),
  refused('a tree that is a list', v2([]), /"file tree" is missing/),
  refused('an empty tree', v2({}), /describes no file/),
  refused('only folders', v2({ a: { b: {} } }), /describes no file/),
  refused('a folder that is text', v2({ a: { b: 'c' } }), /"a\/b" in its file tree is no dictionary/),
  refused('a file that is a number', v2({ a: { '': 5 } }), /"a" in its file tree is no dictionary/),
  refused(
    'a file at the root',
    v2({ '': { length: 5, 'pieces root': ROOT } }),
    /a name in its file tree is empty/,
  ),
  refused('a file that is a folder', v2({ a: { ...LONG, b: SHORT } }), /a file and a folder at once/),
  refused('padding in the tree', of({ attr: 'p' }), /"b" in its file tree is padding/),
  refused('no length', of({ length: undefined }), /length of a file is missing/),
  refused('a negative length', of({ length: -1 }), /length of a file is no size/),
  refused('a length that is text', of({ length: '5' }), /length of a file is no size/),
  refused('a file of 16 TiB', of({ length: 2 ** 44 }), /larger than 16 TiB/),
  refused(
    'more pieces than there may be',
    v2({ a: leaf({ length: 2 ** 40, 'pieces root': ROOT }) }),
    /more than 2097152 pieces/,
  ),
  refused('no pieces root', of({ 'pieces root': undefined }), /"b" has no pieces root/),
  refused('a short pieces root', of({ 'pieces root': ROOT.subarray(1) }), /pieces root of "b" is no SHA-256/),
  refused(
    'a pieces root of zeros',
    of({ 'pieces root': Buffer.alloc(32) }),
    /pieces root of "b" is no SHA-256/,
  ),
  refused('a pieces root that is a number', of({ 'pieces root': 5 }), /pieces root of "b" is no SHA-256/),
  loads('an empty file', of({ length: 0, 'pieces root': undefined })),
  loads('an empty file with a pieces root', of({ length: 0 })),
  loads('an empty file with half a pieces root', of({ length: 0, 'pieces root': 'x' })),
  refused('only an empty file', v2({ a: leaf({ length: 0 }) }), /none of its files has a byte/),
  loads('a link', v2({ ...twoFiles, l: leaf({ attr: 'l', 'symlink path': ['a'] }) })),
  loads(
    'a link with a length',
    v2({ ...twoFiles, l: leaf({ attr: 'l', length: 5, 'symlink path': ['a'] }) }),
  ),
  loads('a link to nothing', v2({ ...twoFiles, l: leaf({ attr: 'l', 'symlink path': ['..'] }) }), {
    namesDiffer: 'libtorrent makes a file without a byte of it',
  }),
  loads('a link without target', v2({ ...twoFiles, l: leaf({ attr: 'l', length: 0 }) })),
  refused(
    'a link with a number as target',
    v2({ a: LONG, l: leaf({ attr: 'l', 'symlink path': [5] }) }),
    /target of one/,
  ),
  refused('only a link', v2({ l: leaf({ attr: 'l', 'symlink path': ['a'] }) }), /describes no file/),
  loads('folders in folders, 95', v2(deep(95))),
  refused('folders in folders, 96', v2(deep(96)), /too deep/),
  refused('folders in folders, 1000', v2(deep(1_000)), /too deep/),
  loads('two files of the same content', v2({ a: LONG, b: LONG })),
  loads('executable files', of({ attr: 'x' })),

  ...['a/b', '/a', '/', 'a\nb', '...', 'x'.repeat(300), `${'x'.repeat(300)}.txt`].flatMap((name) => [
    loads(`the file ${name.slice(0, 9)}`, called(name)),
    loads(`the folder ${name.slice(0, 9)}`, inFolder(name)),
  ]),
  ...['..', '.', '\\', '\0'].flatMap((name) => [
    loads(`the file ${JSON.stringify(name)}`, called(name), UNNAMED),
    loads(`the folder ${JSON.stringify(name)}`, inFolder(name)),
    refused(
      `one file ${JSON.stringify(name)}`,
      v2({ [name]: LONG }),
      /its name is none that a file can have/,
    ),
  ]),
  loads(
    'a name that is no UTF-8',
    v2(inOrder(['a', LONG], [Buffer.from('caf\xe9', 'latin1'), SHORT])),
    CODE_PAGE,
  ),
  loads('a file in the way of a folder', v2(inOrder(['a', { x: SHORT }], ['a/', LONG]))),

  loads('no layers', withLayers(undefined)),
  loads('layers that are a list', withLayers([])),
  loads('no layer of the file', withLayers({})),
  refused('half a hash in a layer', withLayers(layers([LAYER_ROOT, LAYER.subarray(1)])), LAYER_FAULT),
  refused('a layer that is a list', withLayers(layers([LAYER_ROOT, []])), LAYER_FAULT),
  refused('a layer of half a root', withLayers(layers([LAYER_ROOT.subarray(1), LAYER])), LAYER_FAULT),
  refused('a short layer', withLayers(layers([LAYER_ROOT, LAYER.subarray(32)])), LAYER_FAULT),
  refused('a long layer', withLayers(layers([LAYER_ROOT, Buffer.alloc(96)])), LAYER_FAULT),
  refused('an empty layer', withLayers(layers([LAYER_ROOT, ''])), LAYER_FAULT),
  refused('another layer', withLayers(layers([LAYER_ROOT, Buffer.alloc(64, 3)])), LAYER_FAULT, {
    verdictDiffers: 'libtorrent looks at the hashes only when the torrent is started',
  }),
];

/** v1 and v2 at once. */
export const HYBRID_KINDS: readonly Kind[] = [
  loads('a hybrid', hybrid()),
  loads('padding at the end', files(a, padding(12_768), b, padding(16_379))),
  loads('padding without a path', files(a, { attr: 'p', length: 12_768 }, b)),
  loads('padding of another name', files(a, entry(['zz'], 12_768, { attr: 'p' }), b)),
  loads('attributes in v1 alone', files({ ...a, attr: 'x' }, padding(12_768), b)),
  loads('a path with dots in v1', files(entry(['..', 'a'], 20_000), padding(12_768), b)),
  loads('a path with a slash in v1', files(entry(['/a'], 20_000), padding(12_768), b)),
  refused('no padding', hybrid({ files: [a, b], pieces: hashes(2) }), PARTS),
  refused('padding in two', files(a, padding(12_000), padding(768), b), PARTS),
  refused('padding of no byte', files(a, padding(12_768), b, padding(0)), PARTS),
  refused('a byte of padding at the end', files(a, padding(12_768), b, padding(1)), PARTS),
  refused('a piece of padding', hybrid({ files: [a, padding(29_152), b], pieces: hashes(4) }), PARTS),
  refused('another size', files(entry(['a'], 19_999), padding(12_769), b), PARTS),
  refused('another name', files(entry(['c'], 20_000), padding(12_768), b), PARTS),
  refused('another order', files(b, padding(16_379), a), PARTS),
  refused('one file more', files(a, padding(12_768), b, entry(['c'], 0)), PARTS),
  refused('one file less', files(a), PARTS),
  refused('a link in v1 alone', files(a, padding(12_768), b, link(['l'], ['a'])), PARTS),
  loads(
    'a link in both',
    v2(
      { ...twoFiles, l: leaf({ attr: 'l', 'symlink path': ['a'] }) },
      { files: [a, padding(12_768), b, link(['l'], ['a'])], pieces: hashes(3) },
    ),
  ),
  loads(
    'an empty file before the padding',
    v2(
      { ...twoFiles, 'a-': leaf({ length: 0 }) },
      { files: [a, entry(['a-'], 0), padding(12_768), b], pieces: hashes(3) },
    ),
  ),
  loads(
    'an empty file behind the padding',
    v2(
      { ...twoFiles, 'a-': leaf({ length: 0 }) },
      { files: [a, padding(12_768), entry(['a-'], 0), b], pieces: hashes(3) },
    ),
  ),
  loads(
    'empty files behind the padding at the end',
    v2(
      { ...twoFiles, y: leaf({ length: 0 }), z: leaf({ length: 0 }) },
      {
        files: [a, padding(12_768), b, padding(16_379), entry(['y'], 0), entry(['z'], 0)],
        pieces: hashes(3),
      },
    ),
  ),
  refused(
    'a byte of padding before an empty file at the end',
    v2(
      { ...twoFiles, z: leaf({ length: 0 }) },
      { files: [a, padding(12_768), b, padding(1), entry(['z'], 0)], pieces: hashes(3) },
    ),
    PARTS,
  ),
  loads('no hashes of v1', hybrid({ pieces: undefined })),
  loads('hashes of v1 that are a list', hybrid({ pieces: [] })),
  refused('too few hashes of v1', hybrid({ pieces: hashes(2) }), /2 piece hashes for 3 pieces/),
  refused(
    'no hashes of v1, and another size',
    hybrid({ pieces: undefined, files: [entry(['a'], 5), b] }),
    PARTS,
  ),
  loads('no files of v1', hybrid({ files: undefined })),
  loads('files of v1 that are text', hybrid({ files: 'x' })),
  refused(
    'no files of v1, and too few hashes',
    hybrid({ files: undefined, pieces: hashes(2) }),
    /2 piece hashes for 3/,
  ),
  loads('an empty list of files of v1', hybrid({ files: [] })),
  loads('a file', v2({ sample: LONG }, { length: 20_000, pieces: hashes(2) })),
  loads(
    'a folder of one file of its name',
    v2({ sample: LONG }, { files: [entry(['sample'], 20_000)], pieces: hashes(2) }),
  ),
  refused('a file of another name', v2({ other: LONG }, { length: 20_000, pieces: hashes(2) }), PARTS),
  refused('a file of another size', v2({ sample: LONG }, { length: 20_001, pieces: hashes(2) }), PARTS),
  refused(
    'a length that is text',
    v2({ sample: LONG }, { length: 'x', pieces: hashes(2) }),
    /length of a file is no size/,
  ),
  loads('a file and a folder at once', hybrid({ length: 20_000 })),
];

import { type Kind, loads, refused } from './kind.ts';
import { entry, folder, hashes, link, padding, paths, raw, v1 } from './write.ts';

const MISSING = /"length" and "files" are missing/;
const NO_SIZE = /length of a file is no size/;
const NO_PATH = /path of a file is missing/;
const DAMAGED = /piece hashes are damaged/;
const half = (path: string, more = {}) => entry([path], 20_000, more);
const PIECES_LIMIT = 'a piece is a buffer in memory with lanshare, of 64 MiB at most';
const inPieces = (pieceLength: number) =>
  v1({ 'piece length': pieceLength, pieces: hashes(Math.ceil(40_000 / pieceLength)) });

/** The info dictionary of v1. */
export const INFO_KINDS: readonly Kind[] = [
  refused('no piece length', v1({ 'piece length': undefined }), /"piece length" is missing/),
  refused('a piece length of zero', v1({ 'piece length': 0 }), /piece length is no size/),
  refused('a negative piece length', v1({ 'piece length': -16_384 }), /piece length is no size/),
  refused('a piece length that is text', v1({ 'piece length': '16384' }), /piece length is no size/),
  refused('a piece length of 2^40', v1({ 'piece length': 2 ** 40 }), /larger than 64 MiB/),
  refused(
    'a piece length of 2^63',
    v1({ 'piece length': raw('i9223372036854775808e') }),
    /piece length is no size/,
  ),
  ...[1, 1_000, 16_385, 2 ** 20, 2 ** 26].map((bytes) => loads(`pieces of ${bytes} bytes`, inPieces(bytes))),
  refused('pieces of 128 MiB', inPieces(2 ** 27), /larger than 64 MiB/, { verdictDiffers: PIECES_LIMIT }),
  refused('pieces of 1 GiB', inPieces(2 ** 30), /larger than 64 MiB/),
  refused('no pieces', v1({ pieces: undefined }), /"pieces" is missing/),
  refused('pieces that are a list', v1({ pieces: [] }), DAMAGED),
  refused('half a hash', v1({ pieces: Buffer.alloc(59) }), DAMAGED),
  refused('no hash', v1({ pieces: '' }), /0 piece hashes for 3 pieces/),
  refused('too few hashes', v1({ pieces: hashes(2) }), /2 piece hashes for 3 pieces/),
  refused('too many hashes', v1({ pieces: hashes(4) }), /4 piece hashes for 3 pieces/),
  refused(
    'a Merkle root instead (BEP 30)',
    v1({ pieces: undefined, 'root hash': Buffer.alloc(20) }),
    /"pieces" is missing/,
  ),
  refused('no length, no files', v1({ length: undefined }), MISSING),
  refused('files that are text', folder('a'), /"files" is no list/),
  refused('files that are a dictionary', folder({}), /"files" is no list/),
  loads('files that are text, and a length', v1({ files: 'a' })),
  loads('a file and a folder at once', v1({ files: [entry(['a'])] })),
  refused('no files', folder([]), /describes no file/),
  refused('a negative length', v1({ length: -1 }), NO_SIZE),
  refused('a length that is text', v1({ length: '40000' }), NO_SIZE),
  refused('a length that is a list', v1({ length: [5] }), NO_SIZE),
  refused('a length of 2^63', v1({ length: raw('i9223372036854775808e') }), NO_SIZE),
  refused('a length of 2^53 - 1', v1({ length: 2 ** 53 - 1 }), /larger than 16 TiB/),
  refused(
    'more pieces than there may be',
    v1({ length: 2 ** 43, 'piece length': 2 ** 20 }),
    /more than 2097152 pieces/,
  ),
  refused('a length of zero', v1({ length: 0, pieces: '' }), /none of its files has a byte/),
  refused(
    'files of zero bytes',
    folder([entry(['a'], 0), entry(['b'], 0)], { pieces: '' }),
    /none of its files has a byte/,
  ),
  loads('an empty file among others', paths(['a'], ['b'])),
  refused('a file of negative length', folder([entry(['a'], -1)]), NO_SIZE),
  refused('a file without length', folder([{ path: ['a'] }]), /length of a file is missing/),
  refused('a file that is a number', folder([5]), /no dictionary/),
  refused('a second file that is text', folder([entry(['a']), 'b']), /no dictionary/),
  refused('a file without path', folder([{ length: 40_000 }]), NO_PATH),
  refused('an empty path', folder([entry([])]), NO_PATH),
  refused('a path that is text', folder([entry('a')]), NO_PATH),
  refused('a path with a number in it', folder([entry(['a', 5])]), /no list of names/),
  refused('an empty path.utf-8 beside a path', folder([entry(['a'], 40_000, { 'path.utf-8': [] })]), NO_PATH),
  loads('a path.utf-8 that is text beside a path', folder([entry(['a'], 40_000, { 'path.utf-8': 'b' })])),
  loads('a path.utf-8 beside a path', folder([entry(['a'], 40_000, { 'path.utf-8': ['ä'] })])),
  refused('no name', v1({ name: undefined }), /"name" is missing/),
  refused('no name of a folder', folder([entry(['a'])], { name: undefined }), /"name" is missing/),
  refused('a name that is a number', v1({ name: 5 }), /"name" is missing/),
  refused('a name that is a list', v1({ name: ['a'] }), /"name" is missing/),
  loads('a name.utf-8', v1({ 'name.utf-8': 'ä' })),
  loads('a name.utf-8 that is a number', v1({ 'name.utf-8': 5 })),
  refused('an empty name.utf-8', v1({ 'name.utf-8': '' }), /its name is empty/),

  loads('padding', folder([half('a'), padding(10_000), entry(['b'], 10_000)])),
  loads('padding without a path', folder([half('a'), { attr: 'p', length: 20_000 }])),
  loads('padding with a path of its own', folder([half('a'), half('zeros', { attr: 'px' })])),
  loads(
    'padding at one path',
    folder([entry(['a'], 10_000), padding(10_000), padding(10_000), padding(10_000)]),
  ),
  loads(
    'padding as BitComet marks it',
    folder([half('a'), half('_____padding_file_0_if you see this file')]),
    { namesDiffer: 'a file is written that only its name calls padding: somebody may share one' },
  ),
  refused('padding without a length', folder([entry(['a']), { attr: 'p' }]), /length of a file is missing/),
  refused('only padding', folder([{ attr: 'p', length: 40_000 }]), /describes no file/, {
    verdictDiffers: 'lanshare would have nothing to write',
  }),
  refused('an attribute P without a path', folder([half('a'), { attr: 'P', length: 20_000 }]), NO_PATH),
  loads('attributes that are none', folder([half('a', { attr: 5 }), half('b', { attr: ['p'] })])),
  loads('an attribute among bytes', folder([half('a'), half('b', { attr: Buffer.from([0xff, 0x70]) })])),
  loads('attributes that nobody knows', folder([half('a', { attr: 'zq' }), half('b', { attr: 'hx' })])),
  loads('a link', folder([entry(['a']), link(['z'], ['a'])])),
  loads('a link with a length', folder([entry(['a']), link(['z'], ['a'], { length: 77 })])),
  loads('a link of negative length', folder([entry(['a']), link(['z'], ['a'], { length: -1 })])),
  loads('a link without target', folder([entry(['a']), link(['z'], undefined)])),
  loads('a link with a target that is text', folder([entry(['a']), link(['z'], 'a')])),
  loads('a link out of the folder', folder([entry(['a']), link(['z'], ['..', '..', 'etc', 'passwd'])])),
  loads('a link to nothing', folder([entry(['a']), link(['z'], ['nowhere'])])),
  loads('links in a circle', folder([entry(['a']), link(['y'], ['z']), link(['z'], ['y'])])),
  loads('a link in the way of a file', folder([half('a'), link(['l'], ['b']), half('l')])),
  loads('a link in the way of a folder', folder([half('a'), link(['l'], ['b']), entry(['l', 'x'], 20_000)])),
  refused(
    'a link with a number as target',
    folder([entry(['a']), link(['z'], [5])]),
    /target of one of its symbolic/,
  ),
  refused('a link without path', folder([entry(['a']), { attr: 'l', 'symlink path': ['a'] }]), NO_PATH),
  refused('only a link', folder([link(['z'], ['a'])], { pieces: '' }), /describes no file/),
  refused(
    'a single file that is a link',
    v1({ attr: 'l', 'symlink path': ['a'] }),
    /3 piece hashes for 0 pieces/,
  ),

  loads(
    'keys of files that nobody needs',
    folder([entry(['a'], 40_000, { md5sum: 5, mtime: 'x', sha1: 'y' })]),
  ),
  loads('keys that others use', v1({ similar: [5, 'x'], collections: 'x', 'ssl-cert': 'x', source: 7 })),
  ...[0, 1, 2, -1, '1', raw('le')].map((value, at) => loads(`private, ${at}`, v1({ private: value }))),
];

import { type Kind, loads, refused } from './kind.ts';
import { folder, inOrder, LONG, raw, SHORT, type Value, v1, v2, write } from './write.ts';

const NUMBERS = /not proper bencode \(bad integer/;
const STRINGS = /not proper bencode \(bad string length/;
const x = (value: string) => v1({ x: raw(value) });
const nested = (depth: number) => x(`${'l'.repeat(depth)}${'e'.repeat(depth)}`);
const behind = (bytes: Uint8Array, text: string) => Buffer.concat([bytes, Buffer.from(text)]);
const info = { length: 40_000, name: 'n', 'piece length': 16_384, pieces: Buffer.alloc(60, 7) };
const tree = (...entries: readonly (readonly [string, Value])[]) => v2(inOrder(...entries));

/** How it is written, whatever it says. */
export const BENCODE_KINDS: readonly Kind[] = [
  loads('one file', v1()),
  loads('bytes behind it', behind(v1(), 'junk')),
  loads('a line feed behind it', behind(v1(), '\n')),
  refused('a space before it', Buffer.concat([Buffer.from(' '), v1()]), /not proper bencode/),
  refused('a byte-order mark before it', Buffer.concat([Buffer.from('\ufeff'), v1()]), /not proper bencode/),
  refused('nothing', Buffer.alloc(0), /it is empty/),
  refused('HTML', Buffer.from('<!doctype html>'), /not proper bencode/),
  refused('a list', Buffer.from('le'), /no dictionary/),
  refused('a number', Buffer.from('i1e'), /no dictionary/),
  refused('a text', Buffer.from('1:a'), /no dictionary/),
  refused('an open dictionary', Buffer.from('d'), /cut off/),
  refused('an empty dictionary', Buffer.from('de'), /"info" is missing/),
  refused('an info that is text', write({ info: 'x' }), /"info" is no dictionary/),
  refused('an info that is a list', write({ info: [] }), /"info" is no dictionary/),
  refused('an empty info', write({ info: {} }), /"piece length" is missing/),
  refused('an info that is a number', write({ info: 5 }), /"info" is no dictionary/),
  refused(
    'a magnet link in it',
    write({ 'magnet-uri': `magnet:?xt=urn:btih:${'a'.repeat(40)}` }),
    /"info" is missing/,
    {
      verdictDiffers: 'it describes no content; the link itself can be given to lanshare',
    },
  ),
  refused(
    'info twice, the first no torrent',
    inOrder(['info', { a: 1 }], ['info', info]).bytes,
    /"piece length"/,
  ),
  loads('info twice, the first a torrent', inOrder(['info', info], ['info', { a: 1 }]).bytes),
  loads('a key twice beside it', behind(v1().subarray(0, -1), '1:a1:b1:a1:be')),
  loads('keys of v1 in any order', inOrder(['info', inOrder(...Object.entries(info).reverse())]).bytes),
  loads('the name twice', inOrder(['info', inOrder(...Object.entries(info), ['name', 'other'])]).bytes),
  refused(
    'a key that is a number',
    Buffer.concat([Buffer.from('di1e1:a'), v1().subarray(1)]),
    /key is not a string/,
  ),
  refused('a key without value', behind(v1().subarray(0, -1), '1:ze'), /key without value|not bencode/),
  loads('a key with a leading zero', Buffer.concat([Buffer.from('d04:info'), write(info), Buffer.from('e')])),
  loads('a number with leading zeros', v1({ length: raw('i040000e') })),
  loads('minus zero', x('i-0e')),
  loads('2^63', x('i9223372036854775808e')),
  loads('twenty digits', x(`i${'9'.repeat(20)}e`)),
  refused('twenty-one digits', x(`i${'9'.repeat(21)}e`), NUMBERS),
  refused('a hundred thousand digits', x(`i${'1'.repeat(100_000)}e`), NUMBERS),
  ...['ie', 'i-e', 'i+1e', 'i1xe', 'i1.5e', 'i 1e', 'i--1e'].map((text) =>
    refused(`the number ${text}`, x(text), NUMBERS),
  ),
  loads('a text with a leading zero', x('05:hello')),
  loads('sixteen digits of length', x(`${'0'.repeat(15)}5:hello`)),
  refused('seventeen digits of length', x(`${'0'.repeat(16)}5:hello`), STRINGS),
  refused('a text of 2^64 bytes', x('18446744073709551616:'), STRINGS),
  refused('a text longer than all', x('2147483648:a'), /cut off/),
  refused('a text of negative length', x('-1:a'), /not proper bencode/),
  loads('lists in each other, ninety-nine with the whole', nested(97)),
  refused('lists in each other, one more', nested(98), /too deep/),
  refused('lists in each other, a million', nested(1_000_000), /too deep/),
  loads('an unknown key', folder([{ path: ['a'], length: 40_000, zz: [{ a: [] }] }])),

  refused(
    'v2: keys of the tree in any order',
    tree(['b', SHORT], ['a', LONG]),
    /"info" is not proper .*unsorted/,
  ),
  refused(
    'v2: a name twice in the tree',
    tree(['a', SHORT], ['a', LONG]),
    /"info" is not proper .*duplicate key/,
  ),
  refused(
    'v2: keys of info in any order',
    write({ info: inOrder(['name', 'n'], ['meta version', 2]) }),
    /unsorted keys/,
  ),
  loads(
    'v2: keys beside info in any order',
    inOrder(
      ['piece layers', {}],
      ['info', { 'file tree': { a: SHORT }, 'meta version': 2, name: 'n', 'piece length': 16_384 }],
    ).bytes,
    {
      namesDiffer: 'a sole file that is named other than the whole lies in a folder with lanshare',
    },
  ),
  refused(
    'v2: a leading zero in info',
    v2({ a: SHORT }, { x: raw('i05e') }),
    /"info" is not proper .*bad integer/,
  ),
  refused(
    'v2: a text with a leading zero in info',
    v2({ a: SHORT }, { x: raw('01:a') }),
    /"info" is not proper/,
  ),
  refused('v2: an overlong number', v2({ a: SHORT }, { x: raw(`i${'9'.repeat(25)}e`) }), NUMBERS),
  loads('v2: minus zero in info', v2({ a: LONG, b: SHORT }, { x: raw('i-0e') })),
  loads('v2: a leading zero beside info', v2({ a: LONG, b: SHORT }, {}, { x: raw('i05e') })),
  refused(
    'v1 that names its version, with a leading zero',
    v1({ 'meta version': 1, x: raw('i05e') }),
    /not proper/,
  ),
  loads('v1 that calls itself version 0, with a leading zero', v1({ 'meta version': 0, x: raw('i05e') })),
];

import { type Kind, loads, refused } from './kind.ts';
import { entry, folder, paths, v1 } from './write.ts';

const NO_NAME = /its name is none that a file can have/;
const KEPT = { namesDiffer: 'a name that every file system of ours can hold stays as it is' };
const STRICTER = {
  namesDiffer: 'lanshare lets through no control character, drive letter or mark of direction',
};
const CODE_PAGE = { namesDiffer: 'lanshare reads older encodings, where libtorrent puts underscores' };
const CASE = { namesDiffer: 'between Linux machines names that differ in case only are two' };

/** As the name of a file, of a folder and of a part on the way. */
function named(name: string | Uint8Array, differences = {}): readonly Kind[] {
  const what = JSON.stringify(name.toString().slice(0, 12));
  return [
    loads(`the name ${what}`, v1({ name }), differences),
    loads(`the folder ${what}`, folder([entry(['a'])], { name }), differences),
    loads(`the path a/${what}/b`, paths(['a', name, 'b'], [name]), differences),
  ];
}

/** The same where nothing is left of it. */
function nothing(name: string): readonly Kind[] {
  const [, ...others] = named(name);
  return [refused(`the name ${JSON.stringify(name)}`, v1({ name }), NO_NAME), ...others];
}

/** Names of files and folders, in v1. */
export const NAME_KINDS: readonly Kind[] = [
  ...['.', '..', '/', '//', '\\', '\0', '\u202e', './', '..\\', '\u200e.'].flatMap(nothing),
  ...[
    '...',
    '/a',
    '/etc/passwd',
    'a/b',
    '../..',
    '..\\..',
    'a\\b',
    'a\0b',
    '\n',
    'a\x1b[2J',
    'a ',
    'a.',
    'aux',
    './a',
    'a\u202eb',
    'a\u200fb',
    'C:\\x',
    'a:b',
    '-rf',
    '~',
    '$HOME',
    '\ufeffa',
    '日本',
    '👩‍👩‍👧',
    '%2e%2e',
    'a\u2028b',
  ].flatMap((name) => named(name)),
  ...['C:', 'z:', '\x7f', '\u009b1m', '\u2066a'].flatMap((name) => named(name, STRICTER)),
  refused('an empty name', v1({ name: '' }), /its name is empty/),
  loads('an empty folder name', folder([entry(['a'])], { name: '' })),
  loads('empty parts of a path', paths(['', 'b'], ['a', ''], [''])),
  loads('only dots in a path', paths(['..', '..'], ['.', '.', '.'])),
  loads('dots around a path', paths(['..', '.', 'a', '..', 'b', '..'])),
  ...[
    'x'.repeat(300),
    `${'x'.repeat(300)}.txt`,
    `${'x'.repeat(300)}.abcdefgh`,
    `${'x'.repeat(300)}.abcdefghi`,
    'ä'.repeat(200),
    `${'ä'.repeat(200)}.txt`,
    `${'日'.repeat(100)}.é`,
    `a.${'b'.repeat(300)}`,
    '.'.repeat(300),
    `${'x'.repeat(100_000)}.gz`,
    '👩‍👩‍👧'.repeat(30),
  ].flatMap((name) => named(name)),
  ...['x'.repeat(241), 'x'.repeat(255)].flatMap((name) => named(name, KEPT)),
  ...['x'.repeat(239), 'x'.repeat(240)].flatMap((name) => named(name)),
  loads('deep paths', paths(Array.from({ length: 100 }, () => 'a'))),
  refused('deeper paths', paths(Array.from({ length: 101 }, () => 'a')), /deeper than 100 folders/, {
    verdictDiffers:
      'no such path can be needed, and each folder on the way is looked at when a file is opened',
  }),

  loads('a file twice', paths(['a.txt'], ['a.txt'], ['a.txt'])),
  loads('a file twice in a folder', paths(['d.e', 'f'], ['d.e', 'f'])),
  loads('a file and a folder', paths(['a'], ['a', 'b'])),
  loads('a folder and a file', paths(['a', 'b'], ['a'])),
  loads('files and folders at one place', paths(['a', 'b', 'c'], ['a', 'b'], ['a'], ['a', 'b'])),
  loads('a file that has the number already', paths(['a'], ['a.1'], ['a'])),
  loads('a file that has the number later', paths(['a'], ['a'], ['a.1'])),
  loads('files whose names become one', paths(['a/b'], ['ab'], ['a\\b'])),
  loads('extensions', paths(['a.b.c'], ['a.b.c'], ['.x'], ['.x'], ['a.'], ['a.'])),
  loads('a hundred at one place', paths(...Array.from({ length: 100 }, () => ['a']))),
  loads('names that differ in case', paths(['a.txt'], ['A.TXT']), CASE),
  loads('folders that differ in case', paths(['a', 'b'], ['A', 'c'])),

  loads('a name in Latin-1', v1({ name: Buffer.from('caf\xe9', 'latin1') }), CODE_PAGE),
  loads('a name in GBK', v1({ name: Buffer.from([0xd6, 0xd0]) }, { encoding: 'GBK' }), CODE_PAGE),
  loads('a slash in overlong UTF-8', v1({ name: Buffer.from([0x61, 0xc0, 0xaf]) }), CODE_PAGE),
  loads('a surrogate in UTF-8', v1({ name: Buffer.from([0x61, 0xed, 0xa0, 0x80]) }), CODE_PAGE),
  loads('UTF-8 that is cut off', v1({ name: Buffer.from([0x61, 0xe4, 0xbd]) }), CODE_PAGE),
  loads('a code point beyond all', v1({ name: Buffer.from([0x61, 0xf4, 0x90, 0x80, 0x80]) }), CODE_PAGE),
  loads('a part that is no UTF-8', paths([Buffer.from([0xff])], [Buffer.from([0x2e, 0xff])]), CODE_PAGE),
];

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printableName } from '../../src/metainfo/printable-name.ts';
import { namePartFault, pathFault } from '../../src/metainfo/safe-name.ts';
import { matchesName, torrentFileName } from '../../src/metainfo/torrent-name.ts';

describe('a part of a path', () => {
  it.each(['a', 'a b.txt', 'ä', '日本', '...', '.bashrc', '-rf', '~', '$HOME', 'a'.repeat(255)])(
    'may be %j on Linux',
    (part) => {
      expect(namePartFault(part, 'linux')).toBeUndefined();
    },
  );

  it.each([
    '',
    '.',
    '..',
    'a/b',
    '/',
    'a\\b',
    '..\\..',
    'a\0',
    'a\nb',
    '\x7f',
    '\x9b1m',
    'c:',
    'Z:',
    '\ud800',
    'ä'.repeat(128),
  ])('is never %j', (part) => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      expect(namePartFault(part, platform)).toBeTypeOf('string');
    }
  });

  it.each([
    'aux',
    'AUX.c',
    'con',
    'Nul.tar.gz',
    'com1',
    'LPT9.txt',
    'COM¹',
    'a:b.txt',
    'a?',
    'a*',
    'a"',
    'a ',
    'a.',
    '...',
    'con .txt',
  ])('is not %j on Windows, but may be on Linux', (part) => {
    expect(namePartFault(part, 'win32')).toBeTypeOf('string');
    expect(namePartFault(part, 'linux')).toBeUndefined();
  });

  it.each(['auxiliary', 'console.log', 'com', 'com10', 'nullable', 'aux-1', '.con'])(
    'may be %j on Windows',
    (part) => {
      expect(namePartFault(part, 'win32')).toBeUndefined();
    },
  );

  it('that is at fault is named, and shown so that a terminal does not act on it', () => {
    expect(pathFault(['a', 'b\x1b[2J'], 'linux')).toBe('the name "b\\x1b[2J" contains a control character');
    expect(pathFault(['a', 'b'], 'linux')).toBeUndefined();
  });
});

describe('a printable name', () => {
  it.each([
    ['movie.txt', 'movie.txt'],
    ['日本 ä 👩‍👩‍👧', '日本 ä 👩‍👩‍👧'],
    ['\x1b[31mred', '\\x1b[31mred'],
    ['a\nb\tc\r', 'a\\x0ab\\x09c\\x0d'],
    ['\x9b31m', '\\x9b31m'],
    ['invoice\u202egpj.exe', 'invoice\\u{202e}gpj.exe'],
    ['\u2066a\u2069', '\\u{2066}a\\u{2069}'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['\ufeffa', '\\u{feff}a'],
    ['\ud83d', '\\u{d83d}'],
  ])('of %j is %j', (name, shown) => {
    expect(printableName(name)).toBe(shown);
  });

  it('holds no control character whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(printableName(name)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('the name of a .torrent', () => {
  it.each([
    ['movie.txt', 'file', 'movie.torrent'],
    ['archive.tar.gz', 'file', 'archive.tar.torrent'],
    ['movie', 'file', 'movie.torrent'],
    ['movie.', 'file', 'movie.torrent'],
    ['.bashrc', 'file', '.bashrc.torrent'],
    ['.config.json', 'file', '.config.torrent'],
    ['..a', 'file', '..a.torrent'],
    ['v1.2', 'folder', 'v1.2.torrent'],
    ['movie.torrent', 'file', 'movie.torrent.torrent'],
  ] as const)('for %s, a %s, is %s', (name, kind, expected) => {
    expect(torrentFileName(name, kind)).toBe(expected);
  });

  it('is no longer than a file name may be, cut between characters', () => {
    const name = torrentFileName('ä'.repeat(127), 'folder');
    expect(name).toBe(`${'ä'.repeat(123)}.torrent`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  });

  it('is never the name itself, and finds the content again', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60 }),
        fc.constantFrom('file', 'folder'),
        (name, kind) => {
          const torrent = torrentFileName(name, kind as 'file' | 'folder');
          expect(torrent).not.toBe(name);
          expect(matchesName(torrent, name)).toBe('torrent');
        },
      ),
    );
  });
});

describe('who asks for a name', () => {
  it.each([
    ['movie.txt', 'movie.txt', 'exact'],
    ['movie.torrent', 'movie.txt', 'torrent'],
    ['movie.torrent', 'movie', 'torrent'],
    ['movie.txt.torrent', 'movie.txt', 'torrent'],
    ['movie.torrent', 'movie.torrent', 'exact'],
    ['movie', 'movie.txt', undefined],
    ['movie.torrent', 'movies.txt', undefined],
    ['movie.txt', 'movie.torrent', undefined],
    ['.torrent', 'a.txt', undefined],
    ['cafe\u0301.txt', 'caf\u00e9.txt', 'exact'],
    ['cafe\u0301.torrent', 'caf\u00e9.txt', 'torrent'],
    ['Movie.txt', 'movie.txt', undefined],
  ] as const)('%j where %j is shared: %s', (asked, shared, expected) => {
    expect(matchesName(asked, shared)).toBe(expected);
  });
});

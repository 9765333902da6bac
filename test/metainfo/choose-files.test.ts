import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  choiceOfPositions,
  chooseFiles,
  type FileChoice,
  parseFileChoice,
} from '../../src/metainfo/choose-files.ts';
import { composed, matchesPath, parsePathPattern } from '../../src/metainfo/glob.ts';
import { sampleContent } from '../support/sample-content.ts';

const { metainfo: album } = sampleContent({
  name: 'album',
  files: [
    { path: 'cover.jpg', length: 100 },
    { path: 'disc1/01, intro.flac', length: 1000 },
    { path: '.pad/1', length: 948, padding: true },
    { path: 'disc2/01.flac', length: 3000 },
    { path: 'disc2/extra/cover.jpg', length: 7 },
    { path: 'disc2/extra/empty', length: 0 },
  ],
});
const { metainfo: movie } = sampleContent({ name: 'movie.txt' });

function choice(text: string): FileChoice {
  const parsed = parseFileChoice(text);
  if (parsed === undefined) throw new RangeError(`${text} is no choice`);
  return parsed;
}

/** The chosen files by their paths; 'all' for everything. */
function chosen(text: string, metainfo = album): readonly string[] | 'all' {
  const wanted = chooseFiles(metainfo, choice(text));
  if (wanted === undefined) return 'all';
  return [...wanted]
    .sort((one, other) => one - other)
    .map((file) => metainfo.files[file]?.path.join('/') ?? '');
}

function matches(pattern: string, path: string): boolean {
  return matchesPath(parsePathPattern(pattern), composed(path.split('/')));
}

describe('a choice of files', () => {
  it.each([
    ['1', ['cover.jpg']],
    ['3', ['disc2/01.flac']],
    ['1,3-4', ['cover.jpg', 'disc2/01.flac', 'disc2/extra/cover.jpg']],
    ['*.flac', ['disc1/01, intro.flac', 'disc2/01.flac']],
    ['cover.jpg', ['cover.jpg', 'disc2/extra/cover.jpg']],
    ['/cover.jpg', ['cover.jpg']],
    ['album/cover.jpg', ['cover.jpg']],
    ['disc2/*', ['disc2/01.flac']],
    ['disc2/**', ['disc2/01.flac', 'disc2/extra/cover.jpg', 'disc2/extra/empty']],
    ['disc2/', ['disc2/01.flac', 'disc2/extra/cover.jpg', 'disc2/extra/empty']],
    ['album/disc2/', ['disc2/01.flac', 'disc2/extra/cover.jpg', 'disc2/extra/empty']],
    ['**/extra/*', ['disc2/extra/cover.jpg', 'disc2/extra/empty']],
    ['disc?/01*', ['disc1/01, intro.flac', 'disc2/01.flac']],
    ['01\\, intro.flac , 1', ['cover.jpg', 'disc1/01, intro.flac']],
  ])('%s is %j', (text, paths) => {
    expect(chosen(text)).toEqual(paths);
  });

  it.each(['1-5', '*', 'album/', '1,2,3,4,5'])('%s is everything', (text) => {
    expect(chosen(text)).toBe('all');
  });

  it('of a single file is the file', () => {
    expect(['1', 'movie.*', 'movie.txt'].map((text) => chosen(text, movie))).toEqual(['all', 'all', 'all']);
  });

  it.each(['', ',', '1,', '3-1', '1,,2'])('%j is none', (text) => {
    expect(parseFileChoice(text)).toBeUndefined();
  });

  it.each([
    ['6', /"6" chooses file 6, and album has 5 files/],
    ['4-9', /"4-9" chooses file 9, and album has 5 files/],
    ['0', /numbers start at 1/],
    ['*.mp3', /"\*\.mp3" matches no file of album/],
    ['1,disc3/**', /"disc3\/\*\*" matches no file/],
    ['.pad/1', /matches no file/],
  ])('that finds nothing says so: %s', (text, message) => {
    expect(() => chosen(text)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        exitCode: 2,
        message: expect.stringMatching(message),
        hint: expect.stringContaining('--list-files'),
      }),
    );
  });

  it('by places in the torrent counts from 0, and padding with it', () => {
    const at = (first: number, last: number) => chooseFiles(album, choiceOfPositions([{ first, last }]));
    expect([at(0, 0), at(2, 3)]).toEqual([new Set([0]), new Set([3])]);
    expect(at(0, 5)).toBeUndefined();
    expect(() => at(6, 6)).toThrow(/so=/);
    expect(() => at(2, 2)).toThrow(/padding/);
  });
});

describe('a pattern', () => {
  it.each([
    ['*.flac', 'a/b/c.flac'],
    ['a/*/c', 'a/b/c'],
    ['a/**/c', 'a/c'],
    ['a/**/c', 'a/x/y/c'],
    ['**/c', 'c'],
    ['**', 'a/b'],
    ['./a', 'a'],
    ['a*b*c', 'aXbYbZc'],
    ['?.txt', '\u{1f3b5}.txt'],
    ['[live] *', '[live] one'],
    ['\\*.txt', '*.txt'],
    ['caf\u00e9', 'cafe\u0301'],
  ])('%s matches %s', (pattern, path) => {
    expect(matches(pattern, path)).toBe(true);
  });

  it.each([
    ['a/*', 'a/b/c'],
    ['a/**', 'a'],
    ['*/c', 'a/b/c'],
    ['?', ''],
    ['a', 'A'],
    ['\\*.txt', 'a.txt'],
    ['a/b', 'x/a/b'],
    ['', 'a'],
  ])('%s does not match %s', (pattern, path) => {
    expect(matches(pattern, path)).toBe(false);
  });

  it('means the same as its regular expression', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 8 });
    const pattern = fc.array(fc.oneof(name, fc.constant('**')), { minLength: 2, maxLength: 5 });
    const path = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(pattern, path, (parts, names) => {
        expect(matchesPath(parsePathPattern(parts.join('/')), names)).toBe(
          expressionOf(parts).test(names.join('/')),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('that could be matched in very many ways is decided at once', () => {
    const names = Array.from({ length: 60 }, () => 'a'.repeat(200));
    expect(matchesPath(parsePathPattern(`${'**/a*a*a*a*a*a*/'.repeat(12)}b`), names)).toBe(false);
  });
});

/** The same, by an engine that may try many ways. */
function expressionOf(parts: readonly string[]): RegExp {
  const source = parts.map((part, at) => {
    const isLast = at === parts.length - 1;
    if (part === '**') return isLast ? '(?:[^/]+/)*[^/]+' : '(?:[^/]+/)*';
    const name = part.replaceAll(/\*+/g, '[^/]*').replaceAll('?', '[^/]');
    return isLast ? name : `${name}/`;
  });
  return new RegExp(`^${source.join('')}$`);
}

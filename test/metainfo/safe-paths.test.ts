import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctPaths } from '../../src/metainfo/distinct-paths.ts';
import { namePartFault, pathFault } from '../../src/metainfo/safe-name.ts';
import { safeNamePart, safePath } from '../../src/metainfo/safe-path.ts';

const PLATFORMS = ['linux', 'darwin', 'win32'] as const;

/** What names are attacked with, more often than chance has it. */
const anyName = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '.',
        '..',
        '/',
        '\\',
        '\0',
        ':',
        ' ',
        'C:',
        'aux',
        'con.',
        '\u202e',
        '\ud800',
        '\x9b',
        'ä',
        '*',
        '?',
        'x'.repeat(250),
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('a name out of a torrent', () => {
  it('is one that can be used, or nothing, on every system', () => {
    fc.assert(
      fc.property(anyName, fc.constantFrom(...PLATFORMS), (name, platform) => {
        const safe = safeNamePart(name, platform);
        if (safe !== '') expect(namePartFault(safe, platform)).toBeUndefined();
        expect(safe).not.toMatch(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stays as it is once it is safe', () => {
    fc.assert(
      fc.property(anyName, fc.constantFrom(...PLATFORMS), (name, platform) => {
        const safe = safeNamePart(name, platform);
        if (safe !== '') expect(safeNamePart(safe, platform)).toBe(safe);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['movie.txt', 'movie.txt'],
    ['日本 👩‍👩‍👧', '日本 👩‍👩‍👧'],
    ['...', '...'],
    ['../../etc', '....etc'],
    ['C:\\x', 'C:x'],
    ['c:', 'c_'],
    ['a\nb\x7f', 'a_b_'],
    ['invoice\u202egpj.exe', 'invoicegpj.exe'],
    ['', '_'],
    ['..', ''],
    ['/', ''],
    [`${'x'.repeat(300)}.torrent`, `${'x'.repeat(240)}.torrent`],
    [`${'日'.repeat(100)}.txt`, `${'日'.repeat(80)}.txt`],
    [`a.${'b'.repeat(300)}`, `a.${'b'.repeat(238)}`],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('%j is made %j', (name, safe) => {
    expect(safeNamePart(name, 'linux')).toBe(safe);
  });

  it.each([
    ['aux.c', '_ux.c'],
    ['a?b*c', 'a_b_c'],
    ['a:b', 'a_b'],
    ['a. .', 'a'],
    ['. . .', ''],
    ['nul', '_ul'],
  ])('%j is made %j on Windows, and stays on Linux', (name, safe) => {
    expect(safeNamePart(name, 'win32')).toBe(safe);
    expect(safeNamePart(name, 'linux')).toBe(name);
  });
});

describe('a path out of a torrent', () => {
  it('leads below its folder, whatever it says', () => {
    fc.assert(
      fc.property(fc.array(anyName, { maxLength: 5 }), fc.constantFrom(...PLATFORMS), (path, platform) => {
        const safe = safePath(path, platform);
        expect(safe.length).toBeGreaterThan(0);
        expect(pathFault(safe, platform)).toBeUndefined();
      }),
    );
  });

  it.each([
    [
      ['..', '..', 'etc', 'passwd'],
      ['etc', 'passwd'],
    ],
    [
      ['a', '.', '', 'b'],
      ['a', '_', 'b'],
    ],
    [['..', '.'], ['_']],
    [[], ['_']],
  ])('%j is made %j', (path, safe) => {
    expect(safePath(path)).toEqual(safe);
  });
});

describe('paths that are to lie in one folder', () => {
  const anyPaths = fc.array(
    fc.array(fc.constantFrom('a', 'b', 'a.1', 'a.1.1', '.x'), { minLength: 1, maxLength: 3 }),
    {
      maxLength: 12,
    },
  );

  it('are each a place of their own, and none is the folder of another', () => {
    fc.assert(
      fc.property(anyPaths, (paths) => {
        const distinct = distinctPaths(paths);
        const names = distinct.map((path) => `${path.join('/')}/`);
        expect(new Set(names).size).toBe(paths.length);
        for (const name of names) expect(names.filter((other) => other.startsWith(name))).toEqual([name]);
      }),
    );
  });

  it('stay in their folders and as they are where there is no conflict', () => {
    fc.assert(
      fc.property(anyPaths, (paths) => {
        const distinct = distinctPaths(paths);
        expect(distinct.map((path) => path.slice(0, -1))).toEqual(paths.map((path) => path.slice(0, -1)));
        expect(distinctPaths(distinct)).toEqual(distinct);
      }),
    );
  });

  it('are no longer for their number than a file system takes', () => {
    const name = `${'x'.repeat(251)}.txt`;
    const [, second] = distinctPaths([[name], [name]]);
    expect(second).toEqual([`${'x'.repeat(230)}.1.txt`]);
  });

  it('are found in little time where a hundred thousand are equal', () => {
    const distinct = distinctPaths(Array.from({ length: 100_000 }, () => ['a.txt']));
    expect(distinct.at(-1)).toEqual(['a.99999.txt']);
  });
});

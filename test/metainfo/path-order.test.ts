import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePaths, findConflict } from '../../src/metainfo/path-order.ts';

const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 });
const anyPath = fc.array(anyName, { minLength: 1, maxLength: 3 });

describe('the order of paths', () => {
  it('is the order of the UTF-8 bytes of names', () => {
    fc.assert(
      fc.property(anyName, anyName, (one, other) => {
        const bytes = Buffer.compare(Buffer.from(one), Buffer.from(other));
        expect(Math.sign(comparePaths([one], [other]))).toBe(bytes);
      }),
    );
  });

  it('puts characters beyond U+FFFF last, unlike the order of strings', () => {
    expect(['\u{1f600}', '\uffee', 'a'].toSorted((a, b) => comparePaths([a], [b]))).toEqual([
      'a',
      '\uffee',
      '\u{1f600}',
    ]);
  });

  it('puts what lies in a folder directly behind its name', () => {
    const paths = [['a-b'], ['a', 'z'], ['a', 'b', 'c'], ['a']].toSorted(comparePaths);
    expect(paths).toEqual([['a'], ['a', 'b', 'c'], ['a', 'z'], ['a-b']]);
  });
});

describe('a conflict of paths', () => {
  it('is found exactly where two are equal or one is a folder of the other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom('a', 'b', 'a-'), { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
        (paths) => {
          const conflicts = paths.some((path, at) =>
            paths.some(
              (other, otherAt) => at !== otherAt && path.every((part, depth) => part === other[depth]),
            ),
          );
          expect(findConflict(paths) !== undefined).toBe(conflicts);
        },
      ),
    );
  });

  it('names the folder first', () => {
    expect(findConflict([['a', 'b'], ['c'], ['a']])).toEqual([['a'], ['a', 'b']]);
  });

  it('leaves the paths as they stand', () => {
    fc.assert(
      fc.property(fc.array(anyPath), (paths) => {
        const before = structuredClone(paths);
        findConflict(paths);
        expect(paths).toEqual(before);
      }),
    );
  });
});

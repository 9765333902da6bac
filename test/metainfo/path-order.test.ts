import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePaths } from '../../src/metainfo/path-order.ts';

const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 });

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

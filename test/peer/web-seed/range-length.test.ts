import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WEB_SEED_RANGE_MAX_BYTES, WEB_SEED_RANGE_MIN_BYTES } from '../../../src/limits.ts';
import { RangeLength } from '../../../src/peer/web-seed/range-length.ts';

describe('how much is asked of a web seed at once', () => {
  it('doubles while ranges come quickly, up to a limit', () => {
    const length = new RangeLength();
    const seen = Array.from({ length: 6 }, () => {
      const { value } = length;
      length.took(value, 5);
      return value / 1024;
    });
    expect(seen).toEqual([64, 128, 256, 512, 1024, 1024]);
  });

  it('shrinks to what the server gives in a second', () => {
    const length = new RangeLength();
    for (let times = 0; times < 5; times++) length.took(length.value, 5);
    length.took(length.value, 4_000);
    expect(length.value).toBe(256 * 1024);
  });

  it('does not learn from the short range at the end of a file', () => {
    const length = new RangeLength();
    for (let times = 0; times < 5; times++) length.took(length.value, 5);
    length.took(10, 50);
    expect(length.value).toBe(WEB_SEED_RANGE_MAX_BYTES);
  });

  it('is a whole number within the limits, whatever comes', () => {
    const ranges = fc.array(
      fc.tuple(fc.nat(2 * WEB_SEED_RANGE_MAX_BYTES), fc.double({ min: 0, max: 1e6, noNaN: true })),
    );
    fc.assert(
      fc.property(ranges, (taken) => {
        const length = new RangeLength();
        for (const [bytes, ms] of taken) {
          length.took(bytes, ms);
          expect(Number.isInteger(length.value)).toBe(true);
          expect(length.value).toBeGreaterThanOrEqual(WEB_SEED_RANGE_MIN_BYTES);
          expect(length.value).toBeLessThanOrEqual(WEB_SEED_RANGE_MAX_BYTES);
        }
      }),
    );
  });
});

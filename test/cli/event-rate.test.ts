import { describe, expect, it } from 'vitest';
import { EventRate } from '../../src/cli/output/tracker-server/event-rate.ts';

describe('the rate of something that is counted', () => {
  it('is what was counted in the last seconds', () => {
    const rate = new EventRate();
    expect(rate.measure(1_000_000, 0)).toBe(0);
    expect(rate.measure(1_000_050, 1_000)).toBe(50);
    expect([2, 3, 4, 5].map((second) => rate.measure(1_000_050, second * 1_000))).toEqual([25, 17, 0, 0]);
  });

  it('has a decimal where it is small', () => {
    const rate = new EventRate();
    rate.measure(0, 0);
    expect(rate.measure(1, 2_000)).toBe(0.5);
  });
});

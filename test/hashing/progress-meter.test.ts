import { describe, expect, it } from 'vitest';
import { ProgressMeter } from '../../src/hashing/progress-meter.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('progress', () => {
  it('is told at most ten times a second, and at the end in any case', async () => {
    const clock = new VirtualClock();
    const told: { at: number; done: number }[] = [];
    const meter = new ProgressMeter(100, clock, (done, total) => {
      expect(total).toBe(100);
      told.push({ at: clock.now(), done });
    });
    for (let step = 0; step < 10; step++) {
      await clock.advance(25);
      meter.add(10);
    }
    expect(told).toEqual([
      { at: 100, done: 40 },
      { at: 200, done: 80 },
      { at: 250, done: 100 },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeat, sleep } from '../../src/platform/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('the virtual clock of the tests', () => {
  it('runs timers in the order they fall due, those of one moment in the order they were set', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 60 }), async (delays) => {
        const clock = new VirtualClock();
        const ran: { due: number; index: number }[] = [];
        delays.forEach((due, index) => {
          clock.setTimer(due, () => {
            expect(clock.now()).toBe(due);
            ran.push({ due, index });
          });
        });
        await clock.advance(50);
        const expected = delays
          .map((due, index) => ({ due, index }))
          .sort((a, b) => a.due - b.due || a.index - b.index);
        expect(ran).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('lets promises settle between two timers', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    void sleep(clock, 10).then(() => seen.push('slept'));
    clock.setTimer(11, () => seen.push('timer'));
    await clock.advance(20);
    expect(seen).toEqual(['slept', 'timer']);
  });

  it('runs what is set on the way, and not what is cancelled', async () => {
    const clock = new VirtualClock();
    let ticks = 0;
    const timer = repeat(clock, 10, () => ticks++);
    await clock.advance(35);
    timer.cancel();
    await clock.advance(100);
    expect(ticks).toBe(3);
    expect(clock.pending).toBe(0);
    expect(clock.wallTime() - new VirtualClock().wallTime()).toBe(135);
  });

  it('stops as soon as a condition holds, or at the limit', async () => {
    const clock = new VirtualClock();
    let ticks = 0;
    const timer = repeat(clock, 10, () => ticks++);
    expect(await clock.advanceUntil(() => ticks === 4, 1_000)).toBe(true);
    expect(clock.now()).toBe(40);
    expect(await clock.advanceUntil(() => ticks > 1_000, 100)).toBe(false);
    expect(clock.now()).toBe(140);
    timer.cancel();
  });
});

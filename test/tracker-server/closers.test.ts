import { describe, expect, it } from 'vitest';
import { Closers } from '../../src/tracker-server/closers.ts';

describe('closers', () => {
  it('close what was opened last first, once', async () => {
    const closed: number[] = [];
    const closers = new Closers();
    for (const number of [1, 2, 3]) closers.add(async () => void closed.push(number));
    await Promise.all([closers.close(), closers.close()]);
    expect(closed).toEqual([3, 2, 1]);
  });

  it('close the others, too, where one fails, and tell of that', async () => {
    const closed: number[] = [];
    const closers = new Closers();
    closers.add(async () => void closed.push(1));
    closers.add(() => Promise.reject(new Error('stuck')));
    closers.add(async () => void closed.push(3));
    await expect(closers.close()).rejects.toThrow('stuck');
    expect(closed).toEqual([3, 1]);
  });
});

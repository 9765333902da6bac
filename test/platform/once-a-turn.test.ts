import { describe, expect, it } from 'vitest';
import { onceATurn } from '../../src/platform/once-a-turn.ts';

describe('what is asked once a turn', () => {
  it('stays the same while a turn of the event loop lasts, and is asked again in the next', async () => {
    let asked = 0;
    const read = onceATurn(() => ++asked);
    expect([read(), read(), await Promise.resolve().then(read)]).toEqual([1, 1, 1]);
    await new Promise((resolve) => setImmediate(resolve));
    expect([read(), read()]).toEqual([2, 2]);
  });
});

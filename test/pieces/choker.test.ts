import { describe, expect, it } from 'vitest';
import { chooseOptimistic, chooseUnchoked } from '../../src/pieces/choker.ts';
import { seededRandom } from '../support/seeded-random.ts';

const peer = (key: string, rate: number, interested = true) => ({ key, rate, interested });

describe('choking', () => {
  const random = seededRandom(7);

  it('unchokes the interested peers that gave most', () => {
    const peers = [peer('slow', 1), peer('fast', 9), peer('middle', 5), peer('indifferent', 99, false)];
    expect(chooseUnchoked(peers, undefined, { slots: 2, complete: false }, random)).toEqual(
      new Set(['fast', 'middle']),
    );
  });

  it('breaks ties at random', () => {
    const peers = [peer('a', 5), peer('b', 5), peer('c', 5)];
    const chosen = new Set<string>();
    for (let round = 0; round < 40; round++) {
      for (const key of chooseUnchoked(peers, undefined, { slots: 1, complete: false }, random))
        chosen.add(key);
    }
    expect(chosen).toEqual(new Set(['a', 'b', 'c']));
  });

  it('goes round at random when we are complete, whatever the rates', () => {
    const peers = [peer('greedy', 1_000), peer('patient', 0)];
    const chosen = new Set<string>();
    for (let round = 0; round < 40; round++) {
      for (const key of chooseUnchoked(peers, undefined, { slots: 1, complete: true }, random))
        chosen.add(key);
    }
    expect(chosen).toEqual(new Set(['greedy', 'patient']));
  });

  it('keeps the optimistic one beside them', () => {
    const peers = [peer('fast', 9), peer('new', 0)];
    expect(chooseUnchoked(peers, 'new', { slots: 1, complete: false }, random)).toEqual(
      new Set(['fast', 'new']),
    );
  });

  it('chooses the optimistic one among the choked that are interested', () => {
    const peers = [peer('unchoked', 9), peer('indifferent', 0, false), peer('waiting', 0)];
    expect(chooseOptimistic(peers, new Set(['unchoked']), random)).toBe('waiting');
    expect(chooseOptimistic(peers, new Set(['unchoked', 'waiting']), random)).toBeUndefined();
  });
});

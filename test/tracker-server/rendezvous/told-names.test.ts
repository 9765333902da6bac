import { describe, expect, it } from 'vitest';
import { MAX_TOLD_NAMES, TOLD_NAME_AGE_MS } from '../../../src/limits.ts';
import { ToldNames } from '../../../src/tracker-server/rendezvous/told-names.ts';
import { hash } from '../../discovery/discovery-lan.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('names that nodes tell', () => {
  it('are those of the first who tells one', () => {
    const names = new ToldNames(new VirtualClock());
    expect(names.isToBeAsked(hash(1))).toBe(true);
    names.tell(hash(1), 'movie.txt');
    names.tell(hash(1), 'not the name');
    expect(names.nameOf(hash(1))).toBe('movie.txt');
    expect(names.isToBeAsked(hash(1))).toBe(false);
  });

  it('are there until another one is told, when they are old', async () => {
    const clock = new VirtualClock();
    const names = new ToldNames(clock);
    names.tell(hash(1), 'movie.txt');
    await clock.advance(TOLD_NAME_AGE_MS);
    expect(names.isToBeAsked(hash(1))).toBe(true);
    expect(names.nameOf(hash(1))).toBe('movie.txt');
    names.tell(hash(1), 'film.txt');
    expect(names.nameOf(hash(1))).toBe('film.txt');
  });

  it('are forgotten, those that were told longest ago, where they are too many', () => {
    const names = new ToldNames(new VirtualClock());
    for (let number = 0; number <= MAX_TOLD_NAMES; number++) names.tell(hash(number), 'a name');
    expect([0, 1, MAX_TOLD_NAMES].map((number) => names.nameOf(hash(number)))).toEqual([
      undefined,
      'a name',
      'a name',
    ]);
  });
});

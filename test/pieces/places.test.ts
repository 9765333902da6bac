import { describe, expect, it } from 'vitest';
import { type Contender, hasPlace } from '../../src/pieces/places.ts';

const asked = (rate?: number): Contender => ({ asked: true, able: true, rate });
const waiting = (rate?: number): Contender => ({ asked: false, able: true, rate });

describe('a place among those who are asked', () => {
  it('is there while places are free', () => {
    expect(hasPlace(waiting(), [waiting(), asked(1)], 2)).toBe(true);
  });

  it('is not there for one more when all are taken', () => {
    expect(hasPlace(waiting(100), [waiting(100), asked(1), asked(1)], 2)).toBe(false);
  });

  it('is given up by the slowest for who was never tried', () => {
    const all = [asked(10), asked(20), waiting()];
    expect(hasPlace(asked(10), all, 2)).toBe(false);
    expect(hasPlace(asked(20), all, 2)).toBe(true);
  });

  it('is given up for who is much faster, and kept against who is hardly faster', () => {
    expect(hasPlace(asked(10), [asked(10), asked(20), waiting(100)], 2)).toBe(false);
    expect(hasPlace(asked(10), [asked(10), asked(20), waiting(15)], 2)).toBe(true);
  });

  it('is kept until the first piece has come', () => {
    expect(hasPlace(asked(), [asked(), asked(), waiting()], 2)).toBe(true);
  });

  it('is not given up for who chokes us or has nothing', () => {
    const useless: Contender = { asked: false, able: false, rate: undefined };
    expect(hasPlace(asked(10), [asked(10), asked(20), useless], 2)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { seedGoal, seedPolicy } from '../../src/cli/options/seed-options.ts';
import { lanshare } from './fake-host.ts';

const HOUR = { kind: 'time', ms: 3_600_000 } as const;
const TWICE = { kind: 'ratio', ratio: 2 } as const;

describe('what ends serving', () => {
  it('is nothing where nothing was asked for', () => {
    expect(seedGoal({})).toBeUndefined();
  });

  it('is a time, a ratio, or what comes first', () => {
    expect(seedGoal({ seedTime: HOUR.ms })).toEqual(HOUR);
    expect(seedGoal({ seedRatio: 2 })).toEqual(TWICE);
    expect(seedGoal({ seedTime: HOUR.ms, seedRatio: 2 })).toEqual({ kind: 'first of', goals: [HOUR, TWICE] });
  });

  it('after a fetch is a time by --seed, too', () => {
    expect(seedPolicy({ seed: HOUR })).toEqual(HOUR);
    expect(seedPolicy({ seed: HOUR, seedRatio: 2 })).toEqual({ kind: 'first of', goals: [HOUR, TWICE] });
  });

  it('after a fetch that is served for ever is another goal, where there is one', () => {
    expect(seedPolicy({ seed: { kind: 'forever' } })).toEqual({ kind: 'forever' });
    expect(seedPolicy({ seed: { kind: 'forever' }, seedRatio: 2 })).toEqual(TWICE);
  });

  it('after a fetch is left to the node where nothing was asked for', () => {
    expect(seedPolicy({})).toBeUndefined();
  });
});

describe('goals that exclude each other are refused', () => {
  it.each([
    ['--seed 5m --seed-time 5m', '--seed cannot be used with --seed-time: both say how long'],
    ['--seed none --seed-time 5m', '--seed none cannot be used with --seed-time: nothing is served then'],
    ['--seed none --seed-ratio 2', '--seed none cannot be used with --seed-ratio: nothing is served then'],
  ])('%s', async (options, sentence) => {
    const { exitCode, stderr } = await lanshare(['fetch', 'a', ...options.split(' ')], { cwd: '/' });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

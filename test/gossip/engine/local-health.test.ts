import { describe, expect, it } from 'vitest';
import { LocalHealth } from '../../../src/gossip/engine/local-health.ts';
import {
  GOSSIP_LATE_HALF_LIFE_MS,
  GOSSIP_LATE_STEP_MS,
  MAX_GOSSIP_PATIENCE,
  MAX_GOSSIP_SUSPECT_PATIENCE,
} from '../../../src/limits.ts';

describe('the local health of a node', () => {
  it('asks for no patience while it is called in time', () => {
    const health = new LocalHealth();
    health.observe(GOSSIP_LATE_STEP_MS - 1, 0);
    expect(health.patience(0)).toBe(1);
  });

  it('asks for more patience the later it was called, within bounds', () => {
    const health = new LocalHealth();
    health.observe(2.5 * GOSSIP_LATE_STEP_MS, 0);
    expect(health.patience(0)).toBe(3);
    health.observe(1_000 * GOSSIP_LATE_STEP_MS, 0);
    expect(health.patience(0)).toBe(MAX_GOSSIP_PATIENCE);
    expect(health.suspectPatience(0)).toBe(MAX_GOSSIP_SUSPECT_PATIENCE);
  });

  it('forgets one late call with time, and sooner not for a call that was in time', () => {
    const health = new LocalHealth();
    health.observe(4 * GOSSIP_LATE_STEP_MS, 0);
    health.observe(1, 1);
    expect(health.patience(GOSSIP_LATE_HALF_LIFE_MS)).toBe(3);
    expect(health.patience(10 * GOSSIP_LATE_HALF_LIFE_MS)).toBe(1);
  });
});

import { SWEEP_INTERVAL_MS, SWEEP_PEERS } from '../../limits.ts';
import { type Clock, repeat, type Timer } from '../../platform/clock.ts';
import type { Registry } from './registry.ts';

/** Has the registry forget, bit by bit, who is gone. */
export function sweepRegularly(registry: Registry, clock: Clock, nowSeconds: () => number): Timer {
  return repeat(clock, SWEEP_INTERVAL_MS, () => registry.sweep(nowSeconds(), SWEEP_PEERS));
}

import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../src/pieces/token-bucket.ts';
import { ReadGate } from '../../src/transfer/read-gate.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

describe('the read gate', () => {
  it('closes over the rate limit and opens when the debt is paid', async () => {
    const clock = new VirtualClock();
    const gate = new ReadGate(clock, new TokenBucket(1_000_000, clock.now()), new Set());
    gate.onReceived(1_100_000);
    expect(gate.closed).toBe(true);
    await clock.advance(1_010);
    expect(gate.closed).toBe(false);
    expect(gate.openedAt).toBeGreaterThan(900);
  });

  it('sets no timer for what still arrives after its end', () => {
    const clock = new VirtualClock();
    const gate = new ReadGate(clock, new TokenBucket(1_000, clock.now()), new Set());
    gate.stop();
    gate.onReceived(1_000_000);
    expect(clock.pending).toBe(0);
  });
});

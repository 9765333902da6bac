import { describe, expect, it } from 'vitest';
import type { PeerId } from '../../src/holdings/holding.ts';
import { PeerStanding, Standings } from '../../src/holdings/standing.ts';
import { MAX_PEERS_KNOWN } from '../../src/limits.ts';

describe("a peer's standing", () => {
  it('is unproven until one of its pieces has verified', () => {
    const standing = new PeerStanding();
    expect(standing.value).toBe('unproven');
    standing.verified();
    expect(standing.value).toBe('proven');
  });

  it('survives an accident', () => {
    const standing = new PeerStanding();
    standing.verified();
    standing.failed('rejected');
    standing.failed('rejected');
    expect(standing.value).toBe('proven');
  });

  it('is lost with claims that fail, whatever it gave before', () => {
    const standing = new PeerStanding();
    for (let pieces = 0; pieces < 100; pieces++) standing.verified();
    standing.failed('stalled');
    standing.failed('stalled');
    expect(standing.value).toBe('doubted');
  });

  it('is won back with pieces', () => {
    const standing = new PeerStanding();
    standing.failed('unreachable');
    expect(standing.value).toBe('doubted');
    standing.verified();
    expect(standing.value).toBe('proven');
  });

  it('is the same for all who ask, and remembered within bounds', () => {
    const standings = new Standings();
    const first = 'aa'.repeat(20) as PeerId;
    standings.of(first).failed('corrupt');
    expect(standings.of(first).value).toBe('doubted');
    for (let count = 0; count < MAX_PEERS_KNOWN; count++) standings.of(`${count}` as PeerId);
    expect(standings.of(first).value).toBe('unproven');
  });
});

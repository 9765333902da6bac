import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AverageSize,
  announceInterval,
  DATAGRAM_OVERHEAD_BYTES,
  lifetime,
  piecesInterval,
  randomized,
} from '../../src/discovery/beacon/announce-interval.ts';
import {
  ANNOUNCE_INTERVAL_MS,
  ANNOUNCE_LAN_BYTES_PER_SECOND,
  HOLDING_TTL_MS,
  MAX_HOLDING_TTL_MS,
  PIECES_ANNOUNCE_INTERVAL_MS,
} from '../../src/limits.ts';

describe('the interval of announcements', () => {
  it('is the shortest one on a small LAN, and grows with the number of nodes on a large one', () => {
    const load = { averageBytes: 250, copies: 3 };
    expect(announceInterval({ nodes: 50, ...load })).toBe(ANNOUNCE_INTERVAL_MS);
    expect(announceInterval({ nodes: 1_000, ...load })).toBeCloseTo(45_776, 0);
    expect(announceInterval({ nodes: 10_000, ...load })).toBeCloseTo(457_764, 0);
  });

  it('keeps all nodes together within the bandwidth, however many there are', () => {
    const load = fc.record({
      nodes: fc.integer({ min: 1, max: 100_000 }),
      averageBytes: fc.integer({ min: 60, max: 1_262 }),
      copies: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(load, (lan) => {
        const perSecond = (lan.nodes * lan.averageBytes * lan.copies) / (announceInterval(lan) / 1_000);
        expect(perSecond).toBeLessThanOrEqual(ANNOUNCE_LAN_BYTES_PER_SECOND * 1.000_001);
      }),
    );
  });

  it('is drawn between two fifths and five quarters of it, so that nodes do not fall into step', () => {
    expect(randomized(1_000, 0)).toBeCloseTo(410, 0);
    expect(randomized(1_000, 0.999_999)).toBeCloseTo(1_231, 0);
  });
});

describe('the interval of new pieces', () => {
  const load = { averageBytes: 430, copies: 3 };

  it('is the shortest one among few nodes, and the regular one among many', () => {
    expect(piecesInterval({ nodes: 10, ...load })).toBe(PIECES_ANNOUNCE_INTERVAL_MS);
    expect(piecesInterval({ nodes: 49, ...load })).toBeCloseTo(7_452, 0);
    expect(piecesInterval({ nodes: 100, ...load })).toBeUndefined();
  });

  it('leaves room for the regular ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (nodes) => {
        const lan = { nodes, ...load };
        const pieces = piecesInterval(lan) ?? Number.POSITIVE_INFINITY;
        const announcements = 1_000 / pieces + 1_000 / announceInterval(lan);
        const perSecond = nodes * load.averageBytes * load.copies * announcements;
        expect(perSecond).toBeLessThanOrEqual(ANNOUNCE_LAN_BYTES_PER_SECOND * 1.000_001);
      }),
    );
  });
});

describe('the lifetime of a record', () => {
  it('stretches with the interval and with the turns it takes to tell all', () => {
    expect(lifetime(ANNOUNCE_INTERVAL_MS, 1)).toBe(HOLDING_TTL_MS);
    expect(lifetime(2 * ANNOUNCE_INTERVAL_MS, 3)).toBe(6 * HOLDING_TTL_MS);
    expect(lifetime(10 ** 9, 10)).toBe(MAX_HOLDING_TTL_MS);
  });
});

describe('the average size', () => {
  it('follows what is heard, slowly', () => {
    const average = new AverageSize();
    expect(average.bytes).toBe(0);
    average.add(200);
    expect(average.bytes).toBe(200 + DATAGRAM_OVERHEAD_BYTES);
    for (let heard = 0; heard < 100; heard++) average.add(1_000);
    expect(average.bytes).toBeGreaterThan(1_000);
    average.add(0);
    expect(average.bytes).toBeGreaterThan(950);
  });
});

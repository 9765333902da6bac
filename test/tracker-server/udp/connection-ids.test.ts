import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddress } from '../../../src/tracker-server/access/address-words.ts';
import { ConnectionIds } from '../../../src/tracker-server/udp/connection-ids.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** The beginning of two minutes. */
const NOW = 120 * 5_000;

function idsOf(seed = 1) {
  const ids = new ConnectionIds(seededRandom(seed), NOW);
  const words = (host: string): readonly [Uint32Array, number] => {
    const address = new Uint32Array(4);
    return [address, readAddress(host, address) === 'IPv4' ? 1 : 4];
  };
  return {
    give(host: string, now: number): DataView {
      const view = new DataView(new ArrayBuffer(8));
      ids.write(...words(host), now, view, 0);
      return view;
    },
    isGood: (id: DataView, host: string, now: number) => ids.isGood(...words(host), now, id, 0),
  };
}

describe('a connection id', () => {
  it('is good for two minutes at least and four at most, for the address that it was given to', () => {
    const host = fc.constantFrom('10.0.0.1', '10.0.0.2', 'fd00::1', 'fd00::2', '127.0.0.1');
    fc.assert(
      fc.property(host, host, fc.nat(600), fc.nat(400), (to, from, wait, age) => {
        const ids = idsOf();
        const givenAt = NOW + wait;
        const id = ids.give(to, givenAt);
        const isGood = ids.isGood(id, from, givenAt + age);
        if (to !== from || age >= 240) expect(isGood).toBe(false);
        else if (age <= 120) expect(isGood).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same for who asks twice in two minutes, and another one for everybody else and later', () => {
    const ids = idsOf();
    const hex = (id: DataView): string => Buffer.from(id.buffer).toString('hex');
    const first = hex(ids.give('10.0.0.1', NOW));
    expect(hex(ids.give('10.0.0.1', NOW + 119))).toBe(first);
    expect(hex(ids.give('10.0.0.2', NOW))).not.toBe(first);
    expect(hex(ids.give('10.0.0.1', NOW + 120))).not.toBe(first);
    expect(hex(idsOf(2).give('10.0.0.1', NOW))).not.toBe(first);
  });

  it('is not good with any bit changed, nor made of others', () => {
    const ids = idsOf();
    const id = ids.give('10.0.0.1', NOW);
    for (let bit = 0; bit < 64; bit++) {
      const forged = new DataView(id.buffer.slice(0));
      forged.setUint8(bit >> 3, forged.getUint8(bit >> 3) ^ (1 << (bit & 7)));
      expect(ids.isGood(forged, '10.0.0.1', NOW)).toBe(false);
    }
    expect(ids.isGood(new DataView(new ArrayBuffer(8)), '10.0.0.1', NOW)).toBe(false);
  });

  it('of the two minutes before is good beside those of these, and none is when nobody came for long', () => {
    const ids = idsOf();
    const early = ids.give('10.0.0.1', NOW + 119);
    const late = ids.give('10.0.0.1', NOW + 121);
    for (const id of [early, late]) expect(ids.isGood(id, '10.0.0.1', NOW + 239)).toBe(true);
    for (const id of [early, late]) expect(ids.isGood(id, '10.0.0.1', NOW + 60 * 60)).toBe(false);
    for (const id of [early, late]) expect(ids.isGood(id, '10.0.0.1', NOW + 60 * 60 + 119)).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';

const index = (value: number): PieceIndex => value as PieceIndex;

describe('a bitfield', () => {
  it('has piece 0 in the high bit of byte 0', () => {
    const bits = new Bitfield(10);
    bits.add(index(0));
    bits.add(index(9));
    expect([...bits.bytes]).toEqual([0x80, 0x40]);
  });

  it('is refused with a spare bit set or a wrong length', () => {
    expect(Bitfield.fromBytes(Uint8Array.of(0xff, 0xc0), 10)?.complete).toBe(true);
    expect(Bitfield.fromBytes(Uint8Array.of(0xff, 0xe0), 10)).toBeUndefined();
    expect(Bitfield.fromBytes(Uint8Array.of(0xff), 10)).toBeUndefined();
    expect(Bitfield.fromBytes(Uint8Array.of(0xff, 0xc0, 0), 10)).toBeUndefined();
  });

  it('of no pieces is complete', () => {
    expect(new Bitfield(0).complete).toBe(true);
    expect(Bitfield.fromBytes(new Uint8Array(0), 0)?.complete).toBe(true);
  });

  it('ignores a piece beyond its end', () => {
    const bits = new Bitfield(3);
    expect(bits.add(index(3))).toBe(false);
    expect(bits.count).toBe(0);
  });

  it('holds the pieces that were added and not deleted, and counts them', () => {
    const step = fc.record({ add: fc.boolean(), piece: fc.nat(70) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 71 }), fc.array(step, { maxLength: 100 }), (size, steps) => {
        const bits = new Bitfield(size);
        const expected = new Set<number>();
        for (const { add, piece } of steps.filter((one) => one.piece < size)) {
          if (add) {
            bits.add(index(piece));
            expected.add(piece);
          } else {
            bits.delete(index(piece));
            expected.delete(piece);
          }
        }
        expect([...bits.held()]).toEqual([...expected].sort((a, b) => a - b));
        expect(bits.count).toBe(expected.size);
        expect(Bitfield.fromBytes(bits.bytes, size)?.count).toBe(expected.size);
      }),
    );
  });
});

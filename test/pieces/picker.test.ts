import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPieces, type PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Availability } from '../../src/pieces/availability.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { pickEndgame, pickPieces } from '../../src/pieces/picker.ts';
import { seededRandom } from '../support/seeded-random.ts';

const index = (value: number): PieceIndex => value as PieceIndex;

function bitfield(size: number, ...held: number[]): Bitfield {
  const made = new Bitfield(size);
  for (const piece of held) made.add(index(piece));
  return made;
}

/** Peers that hold the given pieces. */
function availability(size: number, ...peers: number[][]): Availability {
  const counts = new Availability(size);
  for (const held of peers) counts.addPeer(bitfield(size, ...held), true);
  return counts;
}

describe('picking pieces', () => {
  const random = seededRandom(1);

  it('takes the rarest first', () => {
    const state = {
      unrequested: Bitfield.full(4),
      availability: availability(4, [0, 1, 2, 3], [0, 1, 3], [0, 3]),
      order: 'rarest first' as const,
    };
    expect(pickPieces(state, Bitfield.full(4), 2, random)).toEqual([2, 1]);
  });

  it('breaks ties at random, so that those who start together ask for different pieces', () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const state = {
        unrequested: Bitfield.full(8),
        availability: new Availability(8),
        order: 'rarest first' as const,
      };
      const [first] = pickPieces(state, Bitfield.full(8), 1, seededRandom(seed));
      firsts.add(first ?? -1);
    }
    expect(firsts.size).toBe(8);
  });

  it('takes them in order where the bytes are streamed', () => {
    const state = {
      unrequested: bitfield(8, 2, 3, 5, 7),
      availability: availability(8, [2, 3]),
      order: 'in order' as const,
    };
    expect(pickPieces(state, bitfield(8, 3, 5, 7), 2, random)).toEqual([3, 5]);
  });

  it('takes any where the order is random, each with the same chance, however many hold it', () => {
    const state = {
      unrequested: bitfield(64, 3, 20, 21, 60),
      availability: availability(64, [3, 20], [3]),
      order: 'random' as const,
    };
    const taken = new Map<number, number>();
    for (let draw = 0; draw < 3_000; draw++) {
      const [first = -1] = pickPieces(state, bitfield(64, 3, 20, 60, 61), 1, random);
      taken.set(first, (taken.get(first) ?? 0) + 1);
    }
    expect([...taken.keys()].sort((a, b) => a - b)).toEqual([3, 20, 60]);
    for (const times of taken.values()) expect(times).toBeGreaterThan(800);
  });

  it('takes several at random without a piece twice', () => {
    const state = {
      unrequested: Bitfield.full(40),
      availability: new Availability(40),
      order: 'random' as const,
    };
    const picked = pickPieces(state, Bitfield.full(40), 10, random);
    expect(new Set(picked).size).toBe(10);
    expect(picked).not.toEqual([...picked].sort((a, b) => a - b));
  });

  it('leaves a peer that should be spared the pieces that nobody else holds', () => {
    const state = {
      unrequested: Bitfield.full(3),
      availability: availability(3, [0, 1, 2], [1]),
      order: 'rarest first' as const,
      maxHolders: 1,
    };
    expect(pickPieces(state, Bitfield.full(3), 3, random).sort()).toEqual([0, 2]);
  });

  it('never picks a piece twice, one that is not wanted, or one that the peer lacks', () => {
    const pieces = fc.uniqueArray(fc.nat(63), { maxLength: 64 });
    fc.assert(
      fc.property(pieces, pieces, pieces, fc.nat(70), fc.integer(), (wanted, theirs, others, count, seed) => {
        const picked = pickPieces(
          {
            unrequested: bitfield(64, ...wanted),
            availability: availability(64, theirs, others),
            order: 'rarest first',
          },
          bitfield(64, ...theirs),
          count,
          seededRandom(seed),
        );
        const possible = wanted.filter((piece) => theirs.includes(piece));
        expect(new Set(picked).size).toBe(picked.length);
        expect(picked.length).toBe(Math.min(count, possible.length));
        for (const piece of picked) expect(possible).toContain(piece);
      }),
    );
  });
});

describe('the endgame', () => {
  const theirs = Bitfield.full(4);

  it('asks an idle peer for the piece that would come last', () => {
    const inFlight = [
      { index: index(0), askedOf: 1, expectedMs: 500 },
      { index: index(1), askedOf: 1, expectedMs: 900 },
    ];
    expect(pickEndgame(inFlight, theirs, 100)).toBe(1);
  });

  it('does not send twice what is nearly here', () => {
    expect(pickEndgame([{ index: index(0), askedOf: 1, expectedMs: 150 }], theirs, 100)).toBeUndefined();
  });

  it('asks one more for a piece that many were asked for only where that promises more', () => {
    const asked = (askedOf: number) =>
      pickEndgame([{ index: index(0), askedOf, expectedMs: 900 }], theirs, 100);
    expect([1, 4, 5, 100].map(asked)).toEqual([0, 0, undefined, undefined]);
  });

  it('asks somebody else in the end, however many stay silent', () => {
    expect(pickEndgame([{ index: index(0), askedOf: 50, expectedMs: 11_000 }], theirs, 100)).toBe(0);
  });
});

describe('availability', () => {
  it('is what the peers that are there hold, whoever came and went', () => {
    const held = fc.uniqueArray(fc.nat(15), { maxLength: 16 });
    fc.assert(
      fc.property(fc.array(held, { maxLength: 6 }), fc.array(held, { maxLength: 6 }), (staying, leaving) => {
        const counts = availability(16, ...staying, ...leaving);
        for (const pieces of leaving) counts.removePeer(bitfield(16, ...pieces), true);
        for (const piece of allPieces(16)) {
          expect(counts.of(piece)).toBe(staying.filter((pieces) => pieces.includes(piece)).length);
        }
      }),
    );
  });
});

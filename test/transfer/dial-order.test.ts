import { describe, expect, it } from 'vitest';
import type { PeerId, PieceSummary } from '../../src/holdings/holding.ts';
import type { PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Availability } from '../../src/pieces/availability.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { type DialChoice, inDialOrder } from '../../src/transfer/dial-order.ts';
import { Lacking, type Prospect } from '../../src/transfer/lacking.ts';
import { seededRandom } from '../support/seeded-random.ts';

function bitfield(...held: number[]): Bitfield {
  const made = new Bitfield(8);
  for (const index of held) made.add(index as PieceIndex);
  return made;
}

function some(start: number, end: number, more = false): PieceSummary {
  return { kind: 'some', count: end - start, ranges: end > start ? [{ start, end }] : [], more };
}

describe('what a peer could give', () => {
  const availability = new Availability(8);
  availability.addPeer(bitfield(2, 3), true);
  availability.addPeer(bitfield(4, 5, 6), false);
  const have = bitfield(0, 1, 2);
  const lacking = new Lacking({ lacks: (index) => !have.has(index) }, have.size, availability);
  lacking.update();

  it.each<[string, PieceSummary | undefined, Prospect]>([
    ['everything', { kind: 'all' }, { kind: 'holder', lacking: 5, unlinked: 4 }],
    ['a piece that a proven peer has, too', some(3, 4), { kind: 'holder', lacking: 1, unlinked: 0 }],
    ['pieces that others only claim', some(3, 6), { kind: 'holder', lacking: 3, unlinked: 2 }],
    ['only what we have', some(0, 3), { kind: 'nothing yet' }],
    ['nothing', some(0, 0), { kind: 'nothing yet' }],
    ['more than it says', some(0, 3, true), { kind: 'unknown' }],
    ['what it has not said', undefined, { kind: 'unknown' }],
  ])('is known where it has %s', (_, pieces, prospect) => {
    expect(lacking.prospect(pieces)).toEqual(prospect);
  });
});

describe('the order of dialling', () => {
  const holder = (lacking: number, unlinked: number): Prospect => ({ kind: 'holder', lacking, unlinked });
  const choice = (name: string, changes: Partial<DialChoice> = {}): DialChoice => ({
    candidate: { endpoint: { host: name, port: 1 }, peerId: name as PeerId, dialect: 'lan' },
    prospect: holder(5, 0),
    standing: 'unproven',
    failures: 0,
    ...changes,
  });
  const order = (choices: readonly DialChoice[], roomForGrowing = false): string[] =>
    inDialOrder(choices, roomForGrowing, seededRandom(1)).map(({ candidate }) => candidate.endpoint.host);

  it('begins with who holds what nobody linked holds', () => {
    expect(
      order([choice('most', { prospect: holder(9, 0) }), choice('only', { prospect: holder(1, 1) })]),
    ).toEqual(['only', 'most']);
  });

  it('goes on with who holds most of what we lack', () => {
    const choices = [3, 9, 6].map((lacking) => choice(`${lacking}`, { prospect: holder(lacking, 0) }));
    expect(order(choices)).toEqual(['9', '6', '3']);
  });

  it('takes the proven first, and the doubted last, whatever they claim', () => {
    const choices = [
      choice('doubted', { standing: 'doubted', prospect: holder(9, 9) }),
      choice('unproven', { prospect: holder(9, 0) }),
      choice('proven', { standing: 'proven' }),
    ];
    expect(order(choices)).toEqual(['proven', 'unproven', 'doubted']);
  });

  it('puts who did not answer behind who was not tried', () => {
    expect(order([choice('failed', { failures: 2 }), choice('fresh')])).toEqual(['fresh', 'failed']);
  });

  it('begins with an address that the user gave, once', () => {
    const given = (failures: number): DialChoice => ({
      ...choice('given', { prospect: { kind: 'unknown' }, failures }),
      candidate: { endpoint: { host: 'given', port: 1 }, peerId: undefined, dialect: 'lan' },
    });
    expect(order([choice('known'), given(0)])).toEqual(['given', 'known']);
    expect(order([choice('known'), given(1)])).toEqual(['known', 'given']);
  });

  it('leaves out who has nothing for us, unless there is room for those that grow', () => {
    const choices = [choice('growing', { prospect: { kind: 'nothing yet' } }), choice('holder')];
    expect(order(choices)).toEqual(['holder']);
    expect(order(choices, true)).toEqual(['holder', 'growing']);
  });

  it('differs from fetcher to fetcher where nothing speaks for one', () => {
    const choices = Array.from({ length: 10 }, (_, at) => choice(`${at}`));
    const firsts = new Set(
      Array.from({ length: 40 }, (_, seed) => inDialOrder(choices, false, seededRandom(seed))[0]),
    );
    expect(firsts.size).toBeGreaterThan(5);
  });
});

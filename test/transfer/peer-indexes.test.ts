import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId, PieceSummary } from '../../src/holdings/holding.ts';
import { summarizePieces } from '../../src/holdings/piece-summary.ts';
import { Standings } from '../../src/holdings/standing.ts';
import { allPieces, type PieceIndex } from '../../src/metainfo/metainfo.ts';
import { Bitfield } from '../../src/pieces/bitfield.ts';
import { PeerIndexes } from '../../src/transfer/peer-indexes.ts';
import type { PeerSession } from '../../src/transfer/peer-session.ts';
import { fakeSession } from '../support/fake-session.ts';

const SIZE = 12;
const peerIds = ['a1', 'b2', 'c3'].map((byte) => byte.repeat(20) as PeerId);
const alice = 'a1'.repeat(20) as PeerId;

function bitfield(held: readonly number[]): Bitfield {
  const made = new Bitfield(SIZE);
  for (const index of held) made.add(index as PieceIndex);
  return made;
}

function summary(...held: number[]): PieceSummary {
  return summarizePieces(bitfield(held));
}

function setUp() {
  const standings = new Standings();
  const indexes = new PeerIndexes(SIZE, standings);
  const link = (peerId: PeerId): PeerSession =>
    fakeSession({ peerId, pieceCount: SIZE, standing: standings.of(peerId) }).session;
  const counts = (): number[] => [...allPieces(SIZE)].map((index) => indexes.availability.of(index));
  return { standings, indexes, link, counts };
}

function holding(...held: number[]): number[] {
  return Array.from({ length: SIZE }, (_, index) => held.filter((one) => one === index).length);
}

describe('the indexes of all peers', () => {
  it('count a peer that is not linked by what it announces', () => {
    const { indexes, counts } = setUp();
    indexes.announced(alice, summary(1, 2));
    expect(counts()).toEqual(holding(1, 2));
    indexes.announced(alice, summary(2, 3));
    expect(counts()).toEqual(holding(2, 3));
    indexes.announced(alice, undefined);
    expect(counts()).toEqual(holding());
  });

  it('count a linked peer by what it says on the link, and not twice', () => {
    const { indexes, link, counts } = setUp();
    indexes.announced(alice, summary(1, 2));
    const session = link(alice);
    indexes.join(session);
    expect(counts()).toEqual(holding());
    indexes.told(session, bitfield([5]));
    indexes.gained(session, 6 as PieceIndex);
    indexes.announced(alice, summary(1, 2, 3));
    expect(counts()).toEqual(holding(5, 6));
    indexes.leave(session);
    expect(counts()).toEqual(holding(1, 2, 3));
  });

  it('count a peer with two links once', () => {
    const { indexes, link, counts } = setUp();
    const [first, second] = [link(alice), link(alice)];
    for (const session of [first, second]) {
      indexes.join(session);
      indexes.told(session, bitfield([4]));
    }
    expect(counts()).toEqual(holding(4));
    indexes.leave(first);
    expect(counts()).toEqual(holding(4));
    indexes.leave(second);
    expect(counts()).toEqual(holding());
  });

  it('do not count a doubted peer, and count it again when it has made good', () => {
    const { indexes, standings, counts } = setUp();
    indexes.announced(alice, summary(1));
    standings.of(alice).failed('corrupt');
    indexes.reconsider(alice);
    expect(counts()).toEqual(holding());
    standings.of(alice).verified();
    indexes.reconsider(alice);
    expect(counts()).toEqual(holding(1));
  });

  it('are what the peers last said, in whatever order they come, link, tell, doubt and go', () => {
    const peer = fc.constantFrom(...peerIds);
    const held = fc.uniqueArray(fc.nat(SIZE - 1));
    const step = fc.oneof(
      fc.record({ kind: fc.constant('announce' as const), peer, held }),
      fc.record({ kind: fc.constant('silent' as const), peer }),
      fc.record({ kind: fc.constant('link' as const), peer, held }),
      fc.record({ kind: fc.constant('have' as const), peer, index: fc.nat(SIZE - 1) }),
      fc.record({ kind: fc.constant('lack' as const), peer, index: fc.nat(SIZE - 1) }),
      fc.record({ kind: fc.constant('unlink' as const), peer }),
      fc.record({ kind: fc.constant('fail' as const), peer }),
      fc.record({ kind: fc.constant('verify' as const), peer }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { indexes, standings, link, counts } = setUp();
        const announced = new Map<PeerId, readonly number[]>();
        const linked = new Map<PeerId, PeerSession>();
        for (const one of steps) {
          const session = linked.get(one.peer);
          switch (one.kind) {
            case 'announce':
              announced.set(one.peer, one.held);
              indexes.announced(one.peer, summary(...one.held));
              break;
            case 'silent':
              announced.delete(one.peer);
              indexes.announced(one.peer, undefined);
              break;
            case 'link':
              if (session !== undefined) break;
              linked.set(one.peer, link(one.peer));
              indexes.join(linked.get(one.peer) as PeerSession);
              indexes.told(linked.get(one.peer) as PeerSession, bitfield(one.held));
              break;
            case 'have':
              if (session !== undefined) indexes.gained(session, one.index as PieceIndex);
              break;
            case 'lack':
              if (session !== undefined) indexes.lost(session, one.index as PieceIndex);
              break;
            case 'unlink':
              if (session !== undefined) indexes.leave(session);
              linked.delete(one.peer);
              break;
            case 'fail':
              standings.of(one.peer).failed('stalled');
              indexes.reconsider(one.peer);
              break;
            case 'verify':
              standings.of(one.peer).verified();
              indexes.reconsider(one.peer);
              break;
          }
        }
        const believed = peerIds.filter((peerId) => standings.of(peerId).value !== 'doubted');
        const all = believed.flatMap((peerId) => {
          const session = linked.get(peerId);
          return session === undefined ? (announced.get(peerId) ?? []) : [...session.theirs.held()];
        });
        expect(counts()).toEqual(holding(...all));
      }),
    );
  });
});

import type { Holding, PeerId, PieceSummary } from '../../src/holdings/holding.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { SimulatedNode } from './simulated-gossip.ts';

export function infoHashOf(number: number): InfoHash {
  return number.toString(16).padStart(40, '0') as InfoHash;
}

/** The first `count` pieces are held. */
export function firstPieces(count: number): PieceSummary {
  const ranges = count === 0 ? [] : [{ start: 0, end: count }];
  return { kind: 'some', count, ranges, more: false };
}

/** A holding of content number `number`, which has 100 pieces. */
export function holdingOf(peerId: PeerId, number: number, pieces: PieceSummary = { kind: 'all' }): Holding {
  return {
    peerId,
    port: 47_470,
    infoHash: infoHashOf(number),
    name: `content-${number}.bin`,
    length: 100_000,
    pieceCount: 100,
    pieces,
    version: 1,
  };
}

/** Holds these contents from now on, whole. */
export function share(node: SimulatedNode, ...numbers: readonly number[]): void {
  node.handle({ kind: 'holdings', holdings: numbers.map((number) => holdingOf(node.peerId, number)) });
}

import { describe, expect, it } from 'vitest';
import { decodeGossip } from '../../../src/gossip/codec/decode-gossip.ts';
import type { Statement } from '../../../src/gossip/statement.ts';
import type { PieceRange, PieceSummary } from '../../../src/holdings/holding.ts';
import { GOSSIP_INDEX_INTERVAL_MS } from '../../../src/limits.ts';
import { testSeed } from '../../support/seeded-random.ts';
import { HeardTable } from '../heard-table.ts';
import { firstPieces, holdingOf, infoHashOf, share } from '../sample-holdings.ts';
import { SimulatedGossip, type SimulatedNode } from '../simulated-gossip.ts';

const FETCHED = 7;

function lanOf(count: number) {
  const seed = testSeed();
  const heard = new HeardTable();
  const lan = new SimulatedGossip({ seed, onSighting: heard.hear });
  const nodes = lan.addMany(count);
  for (const [at, node] of nodes.entries()) {
    const before = nodes[at - 1];
    if (before !== undefined) node.meet(before);
  }
  const statements: { readonly by: string; readonly to: string; readonly statement: Statement }[] = [];
  lan.onSend = (bytes, from, to) => {
    const message = decodeGossip(bytes);
    if ('fault' in message || message.kind !== 'items') return;
    for (const item of message.items)
      if (item.kind === 'statement')
        statements.push({ by: from.host, to: to.host, statement: item.statement.statement });
  };
  const [first, second] = nodes;
  if (first === undefined || second === undefined) throw new Error('too few nodes');
  return { seed, heard, lan, nodes, statements, first, second };
}

function fetchPart(node: SimulatedNode, pieces: PieceSummary, pieceCount = 100): void {
  node.handle({
    kind: 'holdings',
    holdings: [{ ...holdingOf(node.peerId, FETCHED, pieces), pieceCount, length: pieceCount * 1_000 }],
  });
}

function some(...ranges: readonly PieceRange[]): PieceSummary {
  const count = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  return { kind: 'some', count, ranges, more: false };
}

describe('which pieces a node holds', () => {
  it('is told to all who hold the same content in part, and to nobody else', () => {
    const { lan, heard, nodes, statements, seed } = lanOf(8);
    for (const node of nodes.slice(0, 4)) fetchPart(node, firstPieces(10));
    for (const [at, node] of nodes.slice(4).entries()) share(node, 100 + at);
    lan.run(3_000);
    for (const node of nodes.slice(0, 4))
      for (const other of nodes.slice(0, 4))
        if (other !== node)
          expect(heard.holding(node, other, infoHashOf(FETCHED))?.pieces, `seed ${seed}`).toEqual(
            firstPieces(10),
          );
    const outsiders = nodes.slice(4).map(({ endpoint }) => endpoint.host);
    expect(
      statements.filter(({ to, statement }) => statement.kind === 'index' && outsiders.includes(to)),
    ).toEqual([]);
  });

  it('is told at once to who begins to want the content', () => {
    const { lan, heard, nodes, first, second, seed } = lanOf(6);
    for (const node of nodes.slice(1)) fetchPart(node, firstPieces(10));
    share(first, 1);
    lan.run(3_000);
    expect(heard.holding(first, second, infoHashOf(FETCHED))).toBeUndefined();
    fetchPart(first, firstPieces(0));
    lan.run(200);
    for (const other of nodes.slice(1))
      expect(heard.holding(first, other, infoHashOf(FETCHED)), `seed ${seed}`).toBeDefined();
  });

  it('is told to who searches for the content by its hash and holds nothing', () => {
    const { lan, heard, first, second, seed } = lanOf(3);
    fetchPart(second, firstPieces(10));
    lan.run(1_000);
    first.handle({ kind: 'queries', queries: [{ kind: 'infoHash', infoHash: infoHashOf(FETCHED) }] });
    lan.run(1_000);
    expect(heard.holding(first, second, infoHashOf(FETCHED))?.pieces, `seed ${seed}`).toEqual(
      firstPieces(10),
    );
  });

  it('is told again for those segments only that have changed', () => {
    const { lan, heard, first, second, statements, seed } = lanOf(2);
    fetchPart(second, firstPieces(0), 10_000);
    const before = some({ start: 0, end: 10 }, { start: 5_000, end: 5_010 });
    fetchPart(first, before, 10_000);
    lan.run(3_000);
    expect(heard.holding(second, first, infoHashOf(FETCHED))?.pieces, `seed ${seed}`).toEqual(before);
    statements.length = 0;
    const after = some({ start: 0, end: 10 }, { start: 5_000, end: 5_011 });
    fetchPart(first, after, 10_000);
    lan.run(1_000);
    expect(heard.holding(second, first, infoHashOf(FETCHED))?.pieces, `seed ${seed}`).toEqual(after);
    const parts = statements.flatMap(({ statement }) => (statement.kind === 'index' ? [statement.part] : []));
    // Where digests happen to be compared at that moment, it comes twice.
    const told = new Set(parts.map((part) => (part.kind === 'segment' ? part.segment : part.kind)));
    expect(told, `seed ${seed}`).toEqual(new Set([1]));
  });

  it('is told as a whole when it is complete, and kept by the others', () => {
    const { lan, heard, first, second, seed } = lanOf(2);
    fetchPart(first, firstPieces(99));
    fetchPart(second, firstPieces(10));
    lan.run(2_000);
    fetchPart(first, { kind: 'all' });
    lan.run(20_000);
    expect(heard.holding(second, first, infoHashOf(FETCHED))?.pieces, `seed ${seed}`).toEqual({
      kind: 'all',
    });
    expect(second.gossip.counts.indexes).toBe(1);
    expect(first.gossip.counts.indexes).toBe(0);
  });

  it('is withdrawn when it no longer holds anything of it', () => {
    const { lan, heard, first, second, seed } = lanOf(2);
    fetchPart(first, firstPieces(50));
    fetchPart(second, firstPieces(10));
    lan.run(2_000);
    expect(heard.holding(second, first, infoHashOf(FETCHED))).toBeDefined();
    first.handle({ kind: 'holdings', holdings: [] });
    lan.run(500);
    expect(heard.holding(second, first, infoHashOf(FETCHED)), `seed ${seed}`).toBeUndefined();
  });

  it('reaches who was away while it was told', () => {
    const { lan, heard, first, second, seed } = lanOf(2);
    fetchPart(first, firstPieces(1));
    fetchPart(second, firstPieces(1));
    lan.run(2_000);
    lan.passes = () => false;
    fetchPart(first, firstPieces(2));
    lan.run(500);
    lan.passes = () => true;
    lan.run(2_000);
    expect(heard.holding(second, first, infoHashOf(FETCHED))?.pieces, `seed ${seed}`).toEqual(firstPieces(2));
  });

  it('is told at intervals, however fast pieces come', () => {
    const { lan, first, second, statements } = lanOf(2);
    fetchPart(second, firstPieces(0));
    fetchPart(first, firstPieces(0));
    lan.run(2_000);
    statements.length = 0;
    for (let piece = 1; piece < 100; piece++) {
      fetchPart(first, firstPieces(piece));
      lan.run(10);
    }
    const told = statements.filter(({ statement }) => statement.kind === 'index');
    expect(told.length).toBeGreaterThanOrEqual(3);
    // The shortest random wait is 0.41 of the interval (RFC 3550 section 6.3.1).
    expect(told.length).toBeLessThanOrEqual(Math.ceil(990 / (0.41 * GOSSIP_INDEX_INTERVAL_MS)));
  });

  it('of more contents than a peer may tell of is not kept', () => {
    const seed = testSeed();
    const lan = new SimulatedGossip({ seed, limits: { indexesPerPeer: 2 } });
    const [first, second] = lan.addMany(2);
    if (first === undefined || second === undefined) throw new Error('too few nodes');
    first.meet(second);
    for (const node of [first, second]) {
      const holdings = [1, 2, 3, 4].map((number) => holdingOf(node.peerId, number, firstPieces(1)));
      node.handle({ kind: 'holdings', holdings });
    }
    lan.run(3_000);
    expect(
      [first, second].map(({ gossip }) => gossip.counts.indexes),
      `seed ${seed}`,
    ).toEqual([2, 2]);
  });
});

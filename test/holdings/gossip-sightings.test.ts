import { describe, expect, it } from 'vitest';
import type { Holding, PeerId, PieceSummary } from '../../src/holdings/holding.ts';
import { HoldingsTable, type TableLimits } from '../../src/holdings/holdings-table.ts';
import type { DiscoveryPath, Sighting } from '../../src/holdings/sighting.ts';
import { GOSSIP_ALIVE_TTL_MS, HOLDING_TTL_MS } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';

const PEER = '1'.repeat(40) as PeerId;
const CONTENT = 'f'.repeat(40) as InfoHash;
const OTHER_CONTENT = 'e'.repeat(40) as InfoHash;
const HOME = '10.0.0.1';
const STRANGE = '10.0.0.66';
const PORT = 47_470;

interface Word extends Partial<Holding> {
  readonly host?: string;
  readonly path?: DiscoveryPath;
}

function says({ host = HOME, path = 'beacon', ...changes }: Word = {}): Sighting {
  const holding: Holding = {
    peerId: PEER,
    port: PORT,
    infoHash: CONTENT,
    name: 'movie.bin',
    length: 1_000_000,
    pieceCount: 1_000,
    pieces: { kind: 'all' },
    version: 1,
    ...changes,
  };
  return { kind: 'holding', holding, host, path };
}

function alive(host = HOME, port = PORT): Sighting {
  return { kind: 'alive', peerId: PEER, host, port, path: 'gossip', lifetimeMs: GOSSIP_ALIVE_TTL_MS };
}

/** Every second piece, the first `count` of them. */
function scattered(count: number, more = false): PieceSummary {
  const ranges = Array.from({ length: count }, (_, at) => ({ start: 2 * at, end: 2 * at + 1 }));
  return { kind: 'some', count, ranges, more };
}

function first(count: number, more = false): PieceSummary {
  return { kind: 'some', count, ranges: [{ start: 0, end: count }], more };
}

class Table {
  readonly table: HoldingsTable;
  readonly told: string[] = [];

  constructor(limits: Partial<TableLimits> = {}) {
    this.table = new HoldingsTable('0'.repeat(40) as PeerId, limits);
    this.table.onChange(({ kind }) => this.told.push(kind));
  }

  at(now: number, ...sightings: readonly Sighting[]): this {
    for (const sighting of sightings) this.table.observe(sighting, now);
    return this;
  }

  pieces(infoHash = CONTENT): PieceSummary | undefined {
    return this.table.holdersOf(infoHash)[0]?.holding.pieces;
  }

  get hosts(): string[] {
    return [...new Set(this.table.addressesOf(PEER).map(({ endpoint }) => endpoint.host))];
  }
}

describe('versions that gossip counts, and those of the other ways', () => {
  it('are not compared: what is heard later and new on its way counts', () => {
    const table = new Table().at(0, says({ version: 500, pieces: first(10) }));
    table.at(10, says({ path: 'gossip', version: 3, pieces: first(20) }));
    expect(table.pieces()).toEqual(first(20));
    table.at(20, says({ path: 'gossip', version: 2, pieces: first(5) }));
    expect(table.pieces(), 'an older one on the same way').toEqual(first(20));
    table.at(20_000, says({ version: 500, pieces: first(10) }));
    expect(table.pieces(), 'one that was said before').toEqual(first(20));
    table.at(20_010, says({ version: 501, pieces: first(30) }));
    expect(table.pieces()).toEqual(first(30));
  });

  it('do not let a coarse word of the beacon take the place of what gossip has just said', () => {
    const table = new Table().at(0, says({ path: 'gossip', version: 3, pieces: scattered(200) }));
    table.at(100, says({ version: 900, pieces: first(100, true) }));
    expect(table.pieces()).toEqual(scattered(200));
    table.at(
      100 + Math.max(GOSSIP_ALIVE_TTL_MS, HOLDING_TTL_MS),
      says({ version: 900, pieces: first(100, true) }),
    );
    expect(table.pieces(), 'when gossip has been silent for long').toEqual(first(100, true));
  });

  it('are both remembered when the content is withdrawn on one of the ways', () => {
    const table = new Table().at(0, says({ version: 500 }), says({ path: 'gossip', version: 3 }));
    const withdrawal = { kind: 'withdrawn', peerId: PEER, infoHash: CONTENT } as const;
    table.at(10, { ...withdrawal, version: 4, host: HOME, path: 'gossip' });
    expect(table.pieces()).toBeUndefined();
    table.at(20, says({ version: 500 }), says({ path: 'gossip', version: 3 }));
    expect(table.pieces(), 'heard late').toBeUndefined();
    table.at(30, says({ version: 501 }));
    expect(table.pieces(), 'shared again').toEqual({ kind: 'all' });
  });
});

describe('a peer that answers gossip', () => {
  it('is listed at its new address as soon as it answers there', () => {
    const table = new Table().at(0, says(), alive());
    table.at(5_000, alive('10.9.9.9'));
    expect(table.hosts).toContain('10.9.9.9');
    expect(table.told).toEqual(['appeared', 'updated', 'updated']);
    table.at(HOLDING_TTL_MS - 1_000, alive('10.9.9.9'));
    table.table.expire(HOLDING_TTL_MS + 100);
    expect(table.hosts, 'and no longer at the one where it is silent').toEqual(['10.9.9.9']);
  });

  it('does not say goodbye from elsewhere', () => {
    const table = new Table().at(0, says(), alive());
    table.at(100, says({ host: STRANGE }));
    table.at(200, { kind: 'gone', peerId: PEER, host: STRANGE, path: 'beacon' });
    const withdrawal = { kind: 'withdrawn', peerId: PEER, infoHash: CONTENT, version: 99 } as const;
    table.at(200, { ...withdrawal, host: STRANGE, path: 'beacon' });
    expect(table.pieces()).toEqual({ kind: 'all' });
    table.at(300, { kind: 'gone', peerId: PEER, host: HOME, path: 'beacon' });
    expect(table.pieces()).toBeUndefined();
  });

  it('is not spoken for from elsewhere, whatever version is claimed there', () => {
    const lie = says({ host: STRANGE, version: 2 ** 47, pieces: first(0) });
    const late = new Table().at(0, says({ version: 5 }), alive()).at(100, lie);
    expect(late.pieces(), 'after it').toEqual({ kind: 'all' });
    const early = new Table().at(0, lie, alive()).at(100, says({ version: 5 }));
    expect(early.pieces(), 'before it').toEqual({ kind: 'all' });
    early.at(200, says({ version: 6, pieces: first(7) }));
    expect(early.pieces()).toEqual(first(7));
  });

  it('keeps the address where it answers, however many others are claimed for it', () => {
    const table = new Table().at(0, says(), alive());
    for (let port = 1; port < 100; port++) table.at(1, says({ host: STRANGE, port }));
    expect(table.hosts).toEqual([STRANGE, HOME]);
  });

  it('is spoken for by every way again when it no longer answers', () => {
    const table = new Table().at(0, says(), alive());
    table.at(GOSSIP_ALIVE_TTL_MS, says({ host: STRANGE, version: 2, pieces: first(3) }));
    expect(table.pieces()).toEqual(first(3));
  });

  it('no longer holds what its new digest leaves out', () => {
    const table = new Table().at(0, says(), says({ infoHash: OTHER_CONTENT }), alive());
    table.at(10, { kind: 'given up', peerId: PEER, path: 'gossip', holds: (one) => one === OTHER_CONTENT });
    expect(table.pieces()).toBeUndefined();
    expect(table.pieces(OTHER_CONTENT)).toEqual({ kind: 'all' });
    table.at(20, says({ version: 2 }));
    expect(table.pieces(), 'shared again').toEqual({ kind: 'all' });
  });
});

describe('piece ranges', () => {
  it('are kept up to a number in all; beyond it, how many pieces are held', () => {
    const table = new Table({ ranges: 300 });
    table.at(0, says({ pieces: scattered(200) }), says({ infoHash: OTHER_CONTENT, pieces: scattered(200) }));
    expect(table.pieces()).toEqual(scattered(200));
    expect(table.pieces(OTHER_CONTENT)).toEqual({ kind: 'some', count: 200, ranges: [], more: true });
    table.at(HOLDING_TTL_MS / 2, says({ version: 2, pieces: scattered(10) }));
    table.at(HOLDING_TTL_MS / 2, says({ infoHash: OTHER_CONTENT, version: 2, pieces: scattered(201) }));
    expect(table.pieces(OTHER_CONTENT), 'there is room again').toEqual(scattered(201));
    table.table.expire(2 * HOLDING_TTL_MS);
    table.at(2 * HOLDING_TTL_MS, says({ version: 3, pieces: scattered(300) }));
    expect(table.pieces(), 'what has ended takes no room').toEqual(scattered(300));
  });
});

import { describe, expect, it } from 'vitest';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import { HoldingsTable } from '../../src/holdings/holdings-table.ts';
import { HOLDING_TTL_MS } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { HolderChange } from '../../src/node/api.ts';
import type { Finder } from '../../src/node/finder.ts';
import { watchContents } from '../../src/node/watch-contents.ts';

const OWN = '00'.repeat(20) as PeerId;
const PEER = '11'.repeat(20) as PeerId;
const MOVIE = 'f'.repeat(40) as InfoHash;

/** A node's table, and what a watcher is told of it. */
class Watched {
  readonly table = new HoldingsTable(OWN);
  readonly told: HolderChange[] = [];
  readonly asked: string[] = [];
  readonly #over = new AbortController();
  #version = 0;

  watch(): Promise<void> {
    const seek: Finder['seek'] = ({ kind }) => {
      this.asked.push(kind);
      return () => this.asked.push('stopped');
    };
    const finder = { table: this.table, seek } as Pick<Finder, 'table' | 'seek'> as Finder;
    return watchContents({ finder }, (change) => this.told.push(change), this.#over.signal);
  }

  end(): void {
    this.#over.abort();
  }

  /** The peer says it has so many of the four pieces. */
  hear(piecesHeld: number, host = '10.0.0.2', version = ++this.#version): void {
    const pieces: Holding['pieces'] =
      piecesHeld === 4
        ? { kind: 'all' }
        : { kind: 'some', count: piecesHeld, ranges: [{ start: 0, end: piecesHeld }], more: false };
    const holding = {
      peerId: PEER,
      port: 5,
      infoHash: MOVIE,
      name: 'movie.txt',
      length: 4,
      pieceCount: 4,
      pieces,
      version,
    };
    this.table.observe({ kind: 'holding', holding, host, path: 'beacon' }, 0);
  }

  get words(): readonly string[] {
    return this.told.map((change) =>
      change.kind === 'gone'
        ? 'gone'
        : `${change.kind} ${change.holder.piecesHeld} at ${change.holder.endpoints.map(({ host }) => host).sort()}`,
    );
  }
}

describe('watching what others hold', () => {
  it('tells what is known, then each change, and asks everybody meanwhile', async () => {
    const node = new Watched();
    node.hear(1);
    const watching = node.watch();
    node.hear(2);
    node.hear(4);
    node.table.expire(HOLDING_TTL_MS + 1);
    expect(node.words).toEqual([
      'appeared 1 at 10.0.0.2',
      'updated 2 at 10.0.0.2',
      'updated 4 at 10.0.0.2',
      'gone',
    ]);
    expect(node.told[0]).toEqual({
      kind: 'appeared',
      content: { infoHash: MOVIE, name: 'movie.txt', length: 4, pieceCount: 4 },
      holder: { peerId: PEER, endpoints: [{ host: '10.0.0.2', port: 5 }], paths: ['beacon'], piecesHeld: 1 },
    });
    node.end();
    await watching;
    expect(node.asked).toEqual(['everything', 'stopped']);
  });

  it('a newer version with the same pieces, or an address heard again, is no change', async () => {
    const node = new Watched();
    const watching = node.watch();
    node.hear(2);
    node.hear(2);
    node.hear(2, '10.0.0.3');
    node.hear(2, '10.0.0.2');
    expect(node.words).toEqual(['appeared 2 at 10.0.0.2', 'updated 2 at 10.0.0.2,10.0.0.3']);
    node.end();
    await watching;
  });

  it('nothing is told after the end', async () => {
    const node = new Watched();
    const watching = node.watch();
    node.end();
    await watching;
    node.hear(1);
    expect(node.told).toEqual([]);
  });

  it('that is over before it begins tells what is known', async () => {
    const node = new Watched();
    node.hear(1);
    node.end();
    await node.watch();
    expect(node.words).toEqual(['appeared 1 at 10.0.0.2']);
  });
});

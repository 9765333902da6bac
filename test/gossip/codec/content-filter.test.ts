import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFilter, mayMatch } from '../../../src/gossip/codec/content-filter.ts';
import { matchesQuery, type Query } from '../../../src/holdings/query.ts';
import { MAX_GOSSIP_FILTER_BYTES } from '../../../src/limits.ts';
import type { InfoHash } from '../../../src/metainfo/metainfo.ts';
import { torrentFileName } from '../../../src/metainfo/torrent-name.ts';
import { contentName, infoHash } from './arbitrary-gossip.ts';

const content = fc.record({ infoHash, name: contentName });
const contents = fc.array(content, { maxLength: 60 });
const named = (name: string): Query => ({ kind: 'name', name });
const hashOf = (number: number): InfoHash => number.toString(16).padStart(40, '0') as InfoHash;
const numbered = (count: number): { infoHash: InfoHash; name: string }[] =>
  Array.from({ length: count }, (_, at) => ({ infoHash: hashOf(at), name: `content ${at}.bin` }));

/** Of names that nobody holds, how many the filter takes for held. */
function falsePositives(filter: Uint8Array): number {
  const asked = Array.from({ length: 5_000 }, (_, at) => named(`other ${at}.bin`));
  return asked.filter((query) => mayMatch(filter, query)).length / asked.length;
}

describe('the filter over what a node holds', () => {
  it('matches every content by info-hash, name and the name of its .torrent', () => {
    fc.assert(
      fc.property(contents, (held) => {
        const filter = makeFilter(held);
        expect(filter.length).toBeLessThanOrEqual(MAX_GOSSIP_FILTER_BYTES);
        for (const { infoHash: hash, name } of held) {
          expect(mayMatch(filter, { kind: 'infoHash', infoHash: hash })).toBe(true);
          expect(mayMatch(filter, named(name))).toBe(true);
          expect(mayMatch(filter, named(name.normalize('NFD')))).toBe(true);
          expect(mayMatch(filter, named(`${name}.torrent`))).toBe(true);
        }
      }),
    );
  });

  it('never says no where the table of holdings would say yes', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', '.', 'b'), minLength: 1, maxLength: 5 });
    const asked = fc.oneof(
      letters,
      letters.map((name) => `${name}.torrent`),
      fc.constant('.torrent'),
    );
    const shared = fc.oneof(
      letters,
      letters.map((name) => `${name}.torrent`),
    );
    fc.assert(
      fc.property(asked, fc.array(shared, { maxLength: 3 }), (name, names) => {
        const held = names.map((itsName, at) => ({ infoHash: hashOf(at), name: itsName }));
        const filter = makeFilter(held);
        if (held.some((each) => matchesQuery(named(name), each)))
          expect(mayMatch(filter, named(name))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('matches the .torrent file that is written for a content', () => {
    for (const name of ['movie.mkv', 'v1.2', '.bashrc', 'a.torrent', '..x.y', 'none']) {
      const filter = makeFilter([{ infoHash: hashOf(1), name }]);
      expect(mayMatch(filter, named(torrentFileName(name, 'file')))).toBe(true);
      expect(mayMatch(filter, named(torrentFileName(name, 'folder')))).toBe(true);
    }
  });

  it('of nothing is empty and matches nothing', () => {
    const filter = makeFilter([]);
    expect(filter).toEqual(new Uint8Array());
    for (const query of [
      named('a'),
      { kind: 'everything' },
      { kind: 'infoHash', infoHash: hashOf(1) },
    ] as const)
      expect(mayMatch(filter, query)).toBe(false);
  });

  it('of anything matches a search for everything', () => {
    fc.assert(
      fc.property(content, (only) => {
        expect(mayMatch(makeFilter([only]), { kind: 'everything' })).toBe(true);
      }),
    );
  });

  it('is the same in whatever order the contents come, and however often', () => {
    fc.assert(
      fc.property(contents, (held) => {
        expect(makeFilter([...held].reverse())).toEqual(makeFilter(held));
        expect(makeFilter([...held, ...held])).toEqual(makeFilter(held));
      }),
    );
  });

  it('takes 10 bits a key, and errs once in a hundred with up to 200 contents', () => {
    expect(makeFilter(numbered(1))).toHaveLength(1 + Math.ceil(20 / 8));
    expect(makeFilter(numbered(100))).toHaveLength(1 + 250);
    expect(falsePositives(makeFilter(numbered(100)))).toBeLessThan(0.015);
    expect(falsePositives(makeFilter(numbered(200)))).toBeLessThan(0.015);
  });

  it('still tells something with a thousand contents', () => {
    const filter = makeFilter(numbered(1_000));
    expect(filter).toHaveLength(MAX_GOSSIP_FILTER_BYTES);
    expect(falsePositives(filter)).toBeLessThan(0.45);
  });

  it('of any bytes is asked without a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), contentName, (filter, name) => {
        expect(typeof mayMatch(filter, named(name))).toBe('boolean');
      }),
    );
    expect(mayMatch(Uint8Array.of(0, 0xff), named('a'))).toBe(false);
    expect(mayMatch(Uint8Array.of(9, 0xff), named('a'))).toBe(false);
    expect(mayMatch(Uint8Array.of(8, 0xff), named('a'))).toBe(true);
    expect(mayMatch(Uint8Array.of(7), { kind: 'everything' })).toBe(false);
  });
});

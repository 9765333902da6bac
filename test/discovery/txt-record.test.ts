import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTxt, encodeTxt } from '../../src/discovery/mdns/txt-record.ts';
import type { Holding, PeerId } from '../../src/holdings/holding.ts';
import { MAX_PIECES, MAX_TXT_BYTES, MAX_TXT_STRING_BYTES } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { namePartFault } from '../../src/metainfo/safe-name.ts';

const PEER = 'ab'.repeat(20) as PeerId;
const HASH = 'cd'.repeat(20) as InfoHash;

const holding: fc.Arbitrary<Holding> = fc
  .record({
    infoHash: fc
      .uint8Array({ minLength: 20, maxLength: 20 })
      .map((bytes) => Buffer.from(bytes).toString('hex') as InfoHash),
    name: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 80 })
      .filter((text) => namePartFault(text, 'linux') === undefined),
    length: fc.integer({ min: MAX_PIECES, max: Number.MAX_SAFE_INTEGER }),
    pieceCount: fc.integer({ min: 1, max: MAX_PIECES }),
    version: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  })
  .chain((fields) =>
    fc.option(fc.integer({ min: 0, max: fields.pieceCount }), { nil: undefined }).map((count) => ({
      ...fields,
      peerId: PEER,
      port: 1,
      pieces:
        count === undefined
          ? ({ kind: 'all' } as const)
          : ({ kind: 'some', count, ranges: [], more: count > 0 } as const),
    })),
  );

const content = (text: string): ReturnType<typeof decodeTxt> =>
  decodeTxt([`v=1`, `id=${PEER}`, `n=1`, `c0=${text}`].map((line) => Buffer.from(line)));

describe('the TXT record of a node', () => {
  it('tells its contents as far as they fit, and reads back the same', () => {
    fc.assert(
      fc.property(fc.array(holding, { maxLength: 12 }), (holdings) => {
        const strings = encodeTxt(PEER, holdings);
        for (const { length } of strings) expect(length).toBeLessThanOrEqual(MAX_TXT_STRING_BYTES);
        const bytes = strings.reduce((sum, { length }) => sum + 1 + length, 0);
        expect(bytes).toBeLessThanOrEqual(MAX_TXT_BYTES);
        expect(strings[2]?.toString()).toBe(`n=${holdings.length}`);

        const told = decodeTxt(strings)?.contents ?? [];
        const own = holdings.map(({ peerId: _, port: __, ...rest }) => rest);
        expect(own).toEqual(expect.arrayContaining([...told]));
        if (bytes < MAX_TXT_BYTES - 300) expect(told).toEqual(own);
      }),
    );
  });

  it('leaves out a content whose name is too long, rather than cutting the name', () => {
    const long = { ...sample(), name: 'n'.repeat(240) };
    const short = { ...sample(), name: 'short' };
    expect(decodeTxt(encodeTxt(PEER, [long, short]))?.contents.map(({ name }) => name)).toEqual(['short']);
  });

  it('keeps a colon and other odd characters of a name', () => {
    const name = 'a:b=c "d" — Grüße.txt';
    expect(decodeTxt(encodeTxt(PEER, [{ ...sample(), name }]))?.contents[0]?.name).toBe(name);
  });

  it.each([
    ['no version', [`id=${PEER}`]],
    ['a version to come', ['v=2', `id=${PEER}`]],
    ['no peer id', ['v=1']],
    ['a peer id that is none', ['v=1', 'id=xyz']],
    ['nothing', []],
    ['strings without a key', ['=', '', '=v=1']],
  ])('with %s is not one of ours', (_, strings) => {
    expect(decodeTxt(strings.map((line) => Buffer.from(line)))).toBeUndefined();
  });

  it.each([
    ['a hash in capitals', `${'CD'.repeat(20)}:10:1:*:1:x`],
    ['no name', `${HASH}:10:1:*:1:`],
    ['a name that leads out', `${HASH}:10:1:*:1:../x`],
    ['a length beyond 2^53', `${HASH}:9999999999999999:1:*:1:x`],
    ['more pieces than bytes', `${HASH}:10:11:*:1:x`],
    ['pieces of nothing', `${HASH}:0:1:*:1:x`],
    ['more held than there are', `${HASH}:10:2:3:1:x`],
    ['a negative number', `${HASH}:-1:1:*:1:x`],
    ['a missing field', `${HASH}:10:1:*:x`],
  ])('drops a content with %s, and only that', (_, text) => {
    expect(content(`${HASH}:10:2:1:1:x`)?.contents).toHaveLength(1);
    expect(content(text)).toEqual({ peerId: PEER, contents: [] });
  });

  it('of random strings never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 255 })), (strings) => {
        decodeTxt([...['v=1', `id=${PEER}`].map((line) => Buffer.from(line)), ...strings.map(Buffer.from)]);
      }),
    );
  });
});

function sample(): Holding {
  const [value] = fc.sample(holding, { numRuns: 1, seed: 5 });
  return value as Holding;
}

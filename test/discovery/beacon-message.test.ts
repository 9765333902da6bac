import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BeaconHoldings, BeaconQuery } from '../../src/discovery/beacon/beacon-message.ts';
import { decodeBeacon } from '../../src/discovery/beacon/decode-beacon.ts';
import {
  encodeBye,
  encodeHoldings,
  encodeQuery,
  splitHoldings,
} from '../../src/discovery/beacon/encode-beacon.ts';
import type { Query } from '../../src/discovery/discovery.ts';
import type { Holding, PeerId, PieceSummary } from '../../src/holdings/holding.ts';
import { MAX_DATAGRAM_BYTES, MAX_HOLDING_TTL_MS, MAX_PIECES } from '../../src/limits.ts';
import { encodeBencode } from '../../src/metainfo/bencode.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { namePartFault } from '../../src/metainfo/safe-name.ts';

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: digits / 2, maxLength: digits / 2 }).map((b) => Buffer.from(b).toString('hex'));
const peerId = hex(40).map((text) => text as PeerId);
const infoHash = hex(40).map((text) => text as InfoHash);
const port = fc.integer({ min: 1, max: 65_535 });
const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 120 })
  .filter((text) => namePartFault(text, 'linux') === undefined);
const version = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const lifetimeMs = fc.integer({ min: 1, max: MAX_HOLDING_TTL_MS });
const transaction = fc.integer({ min: 0, max: 0xffff_ffff });

/** Few enough ranges that all fit. */
const pieces: fc.Arbitrary<{ pieceCount: number; pieces: PieceSummary }> = fc
  .tuple(
    fc.integer({ min: 1, max: MAX_PIECES }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 5_000 })), {
      maxLength: 30,
    }),
    fc.boolean(),
  )
  .map(([pieceCount, steps, all]) => {
    if (all) return { pieceCount, pieces: { kind: 'all' } };
    const ranges: { start: number; end: number }[] = [];
    let position = 0;
    for (const [gap, held] of steps) {
      const start = position + gap;
      position = start + held;
      if (position <= pieceCount) ranges.push({ start, end: position });
    }
    const count = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    return { pieceCount, pieces: { kind: 'some', count, ranges, more: false } };
  });

function holdingOf(id: PeerId, itsPort: number): fc.Arbitrary<Holding> {
  return fc
    .tuple(infoHash, name, fc.integer({ min: MAX_PIECES, max: Number.MAX_SAFE_INTEGER }), version, pieces)
    .map(([hash, itsName, length, itsVersion, held]) => ({
      peerId: id,
      port: itsPort,
      infoHash: hash,
      name: itsName,
      length,
      version: itsVersion,
      ...held,
    }));
}

const sender = fc.record({ peerId, port });
const cookie = fc.option(fc.uint8Array({ minLength: 8, maxLength: 8 }), { nil: undefined });
const holdingsMessage: fc.Arbitrary<Omit<BeaconHoldings, 'kind'>> = sender.chain((from) =>
  fc.record({
    peerId: fc.constant(from.peerId),
    port: fc.constant(from.port),
    lifetimeMs,
    holdings: fc.array(holdingOf(from.peerId, from.port), { maxLength: 30 }),
    withdrawn: fc.array(fc.record({ infoHash, version }), { maxLength: 40 }),
    answer: fc.option(fc.record({ transaction, total: fc.nat(100_000), cookie }), { nil: undefined }),
  }),
);
const asked: fc.Arbitrary<Query> = fc.oneof(
  fc.constant<Query>({ kind: 'everything' }),
  infoHash.map((hash): Query => ({ kind: 'infoHash', infoHash: hash })),
  name.map((text): Query => ({ kind: 'name', name: text })),
);
const queryMessage: fc.Arbitrary<Omit<BeaconQuery, 'kind'>> = sender.chain((from) =>
  fc.record({
    peerId: fc.constant(from.peerId),
    port: fc.constant(from.port),
    transaction,
    asked,
    known: fc.array(hex(16), { maxLength: 40 }),
    holdings: fc.array(holdingOf(from.peerId, from.port), { maxLength: 1 }),
    lifetimeMs,
    cookie,
  }),
);

function decodeHoldings(datagram: Uint8Array): BeaconHoldings {
  const message = decodeBeacon(datagram);
  if (!('kind' in message) || message.kind !== 'holdings') throw new Error('not a holdings message');
  return message;
}

function sample<T>(arbitrary: fc.Arbitrary<T>): T {
  const [value] = fc.sample(arbitrary, { numRuns: 1, seed: 7 });
  return value as T;
}

describe('beacon messages', () => {
  it('carry a query whole', () => {
    fc.assert(
      fc.property(queryMessage, (query) => {
        const bytes = encodeQuery(query);
        expect(bytes.length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
        expect(decodeBeacon(bytes)).toEqual({ kind: 'query', ...query });
      }),
    );
  });

  it('carry all records, over as many datagrams as it takes', () => {
    fc.assert(
      fc.property(holdingsMessage, (message) => {
        const datagrams = encodeHoldings(message);
        for (const { length } of datagrams) expect(length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
        const decoded = datagrams.map(decodeHoldings);
        expect(decoded.flatMap(({ holdings }) => holdings)).toEqual(message.holdings);
        expect(decoded.flatMap(({ withdrawn }) => withdrawn)).toEqual(message.withdrawn);
        for (const { peerId: id, answer, lifetimeMs: life } of decoded) {
          expect(id).toBe(message.peerId);
          expect(answer).toEqual(message.answer);
          expect(life).toBe(message.lifetimeMs);
        }
      }),
    );
  });

  it('say in advance which records come in one datagram', () => {
    fc.assert(
      fc.property(holdingsMessage, (message) => {
        const parts = encodeHoldings({ ...message, withdrawn: [] }).map(
          (bytes) => decodeHoldings(bytes).holdings,
        );
        expect(splitHoldings(message.holdings)).toEqual(parts);
      }),
    );
  });

  it('carry a goodbye', () => {
    fc.assert(
      fc.property(peerId, (id) => {
        expect(decodeBeacon(encodeBye(id))).toEqual({ kind: 'bye', peerId: id });
      }),
    );
  });

  it('leave ranges out of a record that would grow too large, and say so', () => {
    const ranges = Array.from({ length: 2_000 }, (_, at) => ({ start: at * 400, end: at * 400 + 200 }));
    const holding: Holding = {
      ...sample(holdingOf(sample(peerId), 1)),
      name: 'n'.repeat(255),
      length: 2 ** 50,
      pieceCount: 1_000_000,
      pieces: { kind: 'some', count: 400_000, ranges, more: false },
    };
    const [datagram, ...more] = encodeHoldings({
      peerId: holding.peerId,
      port: 1,
      holdings: [holding],
      withdrawn: [],
      lifetimeMs: 1,
      answer: undefined,
    });
    expect(more).toEqual([]);
    expect(datagram?.length).toBeLessThan(0.6 * MAX_DATAGRAM_BYTES);
    const decoded = decodeHoldings(datagram ?? new Uint8Array()).holdings[0]?.pieces;
    if (decoded?.kind !== 'some') throw new Error('expected some pieces');
    expect(decoded).toMatchObject({ count: 400_000, more: true });
    expect(decoded.ranges).toEqual(ranges.slice(0, decoded.ranges.length));
    expect(decoded.ranges.length).toBeGreaterThan(50);
  });

  it('that do not fit into a query with what is asked are left out of it', () => {
    const own = fc.sample(holdingOf(sample(peerId), 9), { numRuns: 100, seed: 3 });
    const query = { ...sample(queryMessage), holdings: own };
    const bytes = encodeQuery(query);
    expect(bytes.length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
    const decoded = decodeBeacon(bytes);
    if (!('kind' in decoded) || decoded.kind !== 'query') throw new Error('not a query');
    expect(decoded.holdings.length).toBeGreaterThan(0);
    expect(decoded.asked).toEqual(query.asked);
  });
});

describe('the beacon decoder', () => {
  const datagrams = [
    encodeQuery(sample(queryMessage)),
    ...encodeHoldings(sample(holdingsMessage)).slice(0, 2),
    encodeBye(sample(peerId)),
  ];

  it('refuses every datagram that was cut, at any byte', () => {
    for (const bytes of datagrams) {
      for (let length = 0; length < bytes.length; length++)
        expect(decodeBeacon(bytes.subarray(0, length))).toHaveProperty('fault');
    }
  });

  it('refuses trailing bytes', () => {
    for (const bytes of datagrams)
      expect(decodeBeacon(Buffer.concat([bytes, Buffer.from('e')]))).toEqual({ fault: 'malformed' });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(4), (garbage, kind) => {
        decodeBeacon(garbage);
        decodeBeacon(Buffer.concat([Buffer.from('LANS'), Uint8Array.of(1, kind), garbage]));
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throws on a datagram with damaged bytes', () => {
    const damage = fc.array(fc.tuple(fc.nat(1_199), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...datagrams), damage, (bytes, changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        const message = decodeBeacon(damaged);
        for (const holding of 'holdings' in message ? message.holdings : [])
          expect(holding.pieceCount).toBeLessThanOrEqual(MAX_PIECES);
      }),
      { numRuns: 3_000 },
    );
  });

  it('names what is wrong', () => {
    expect(decodeBeacon(Buffer.from('BT-SEARCH * HTTP/1.1'))).toEqual({ fault: 'not a beacon' });
    expect(decodeBeacon(Buffer.from('LANS\x02\x01de', 'latin1'))).toEqual({ fault: 'unknown version' });
    expect(decodeBeacon(Buffer.from('LANS\x01\x09de', 'latin1'))).toEqual({ fault: 'unknown kind' });
    expect(decodeBeacon(Buffer.alloc(9_001))).toEqual({ fault: 'too long' });
    expect(decodeBeacon(Buffer.from(`LANS\x01\x02${'l'.repeat(4_000)}`, 'latin1'))).toEqual({
      fault: 'malformed',
    });
  });

  const record = { h: Buffer.alloc(20, 1), n: 'movie.txt', l: 1_000, c: 10, v: 1, a: 1 };
  const body = { i: Buffer.alloc(20, 2), p: 47_470, t: 9_000, r: [record] };
  const datagram = (kind: number, fields: Parameters<typeof encodeBencode>[0]): Uint8Array =>
    Buffer.concat([Buffer.from('LANS'), Uint8Array.of(1, kind), encodeBencode(fields)]);

  it('skips keys it does not know', () => {
    expect(decodeBeacon(datagram(2, { ...body, zz: ['later'], A: 1 }))).toMatchObject({ kind: 'holdings' });
  });

  it.each([
    ['a peer id of 19 bytes', { ...body, i: Buffer.alloc(19) }],
    ['no peer id', { ...body, i: undefined }],
    ['port 0', { ...body, p: 0 }],
    ['port 65536', { ...body, p: 65_536 }],
    ['a negative port', { ...body, p: -1 }],
    ['a text for a port', { ...body, p: '80' }],
    ['no lifetime', { ...body, t: undefined }],
    ['a lifetime of years', { ...body, t: 10 ** 12 }],
    ['records that are no list', { ...body, r: record }],
    ['a record that is no dictionary', { ...body, r: [1] }],
    ['a hash of 32 bytes', { ...body, r: [{ ...record, h: Buffer.alloc(32) }] }],
    ['a name that leads out', { ...body, r: [{ ...record, n: '../x' }] }],
    ['an empty name', { ...body, r: [{ ...record, n: '' }] }],
    ['a name that is not UTF-8', { ...body, r: [{ ...record, n: Buffer.from([0xff, 0xfe]) }] }],
    ['a name of 256 bytes', { ...body, r: [{ ...record, n: 'x'.repeat(256) }] }],
    ['a negative length', { ...body, r: [{ ...record, l: -1 }] }],
    ['more pieces than bytes', { ...body, r: [{ ...record, l: 9 }] }],
    ['pieces of nothing', { ...body, r: [{ ...record, l: 0 }] }],
    ['more pieces than a content may have', { ...body, r: [{ ...record, l: 2 ** 50, c: MAX_PIECES + 1 }] }],
    ['no word on the pieces', { ...body, r: [{ ...record, a: undefined }] }],
    ['more held than there are', { ...body, r: [{ ...record, a: undefined, k: 11, g: '' }] }],
    ['a count that its ranges contradict', { ...body, r: [{ ...record, a: undefined, k: 3, g: '' }] }],
    ['an answer without a total', { ...body, x: 1 }],
    ['a withdrawal without a version', { ...body, w: [{ h: Buffer.alloc(20) }] }],
  ])('drops holdings with %s', (_, fields) => {
    expect(decodeBeacon(datagram(2, body))).toMatchObject({ kind: 'holdings' });
    expect(decodeBeacon(datagram(2, fields))).toEqual({ fault: 'malformed' });
  });

  const query = { i: Buffer.alloc(20, 2), p: 47_470, t: 9_000, x: 5 };
  it.each([
    ['no transaction', { ...query, x: undefined }],
    ['a transaction beyond 32 bits', { ...query, x: 2 ** 32 }],
    ['an empty name', { ...query, n: '' }],
    ['a name of 600 bytes', { ...query, n: 'x'.repeat(600) }],
    ['a hash of 3 bytes', { ...query, h: 'abc' }],
    ['known peers of odd length', { ...query, k: Buffer.alloc(12) }],
    ['too many known peers', { ...query, k: Buffer.alloc(65 * 8) }],
  ])('drops a query with %s', (_, fields) => {
    expect(decodeBeacon(datagram(1, query))).toMatchObject({ kind: 'query', asked: { kind: 'everything' } });
    expect(decodeBeacon(datagram(1, fields))).toEqual({ fault: 'malformed' });
  });
});

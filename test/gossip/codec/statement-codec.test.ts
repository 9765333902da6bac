import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStatement } from '../../../src/gossip/codec/decode-statement.ts';
import { encodeGossip } from '../../../src/gossip/codec/encode-gossip.ts';
import { signStatement } from '../../../src/gossip/codec/sign-statement.ts';
import { isGenuine, proofBytes } from '../../../src/gossip/codec/verify-statement.ts';
import { createIdentity, makeVerify } from '../../../src/gossip/identity.ts';
import { type Index, type IndexPart, SEGMENT_PIECES, type Statement } from '../../../src/gossip/statement.ts';
import { MAX_DATAGRAM_BYTES, MAX_PIECES } from '../../../src/limits.ts';
import type { InfoHash } from '../../../src/metainfo/metainfo.ts';
import {
  bytesOf,
  peerId,
  sampleOf,
  samples,
  signedStatement,
  signer,
  statement,
} from './arbitrary-gossip.ts';

const identity = createIdentity(Buffer.alloc(32, 1));
const hash = '5a'.repeat(20) as InfoHash;
const said = { peerId: identity.peerId, version: 3 };
const index: Index = {
  kind: 'index',
  ...said,
  infoHash: hash,
  name: 'movie.mkv',
  length: 2 ** 31,
  pieceCount: 10_000,
  part: { kind: 'segment', segment: 1, ranges: [{ start: 4_096, end: 5_000 }] },
};
const alternating = Array.from({ length: SEGMENT_PIECES / 2 }, (_, at) => ({
  start: 2 * at,
  end: 2 * at + 1,
}));

const verify = makeVerify();

describe('a statement', () => {
  it('decodes to what was signed, and is genuine', () => {
    fc.assert(
      fc.property(statement, (what) => {
        const signed = signStatement(signer(what.peerId), what);
        const decoded = decodeStatement(signed.bytes);
        expect(decoded).toEqual(signed);
        if (decoded !== undefined) expect(isGenuine(decoded, verify)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('is not genuine when any bit was turned, wherever it still decodes', () => {
    const signed = samples(signedStatement, 8);
    fc.assert(
      fc.property(fc.constantFrom(...signed), fc.nat(), fc.nat(7), ({ bytes }, at, bit) => {
        const turned = bytes.with(at % bytes.length, (bytes[at % bytes.length] ?? 0) ^ (1 << bit));
        const decoded = decodeStatement(turned);
        if (decoded !== undefined) expect(isGenuine(decoded, verify)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('that was cut, at any byte, or has one too many, is refused or not genuine', () => {
    for (const { bytes } of samples(signedStatement, 12)) {
      for (let length = 0; length < bytes.length; length++) {
        const decoded = decodeStatement(bytes.slice(0, length));
        if (decoded !== undefined) expect(isGenuine(decoded, verify)).toBe(false);
      }
      const longer = decodeStatement(Uint8Array.from([...bytes, 0]));
      if (longer !== undefined) expect(isGenuine(longer, verify)).toBe(false);
    }
  });

  it('shorter than its header and signature is refused', () => {
    const { bytes } = signStatement(identity, { kind: 'leave', ...said });
    expect(bytes.length).toBe(103);
    for (let length = 0; length < 103; length++)
      expect(decodeStatement(bytes.slice(0, length))).toBeUndefined();
  });

  it('has bytes of its own when it is decoded', () => {
    for (const { bytes } of samples(signedStatement, 20)) {
      const received = Uint8Array.from(bytes);
      const decoded = decodeStatement(received);
      const before = structuredClone(decoded);
      received.fill(0xff);
      expect(decoded).toEqual(before);
    }
  });

  it('about somebody else is not signed', () => {
    const stranger = sampleOf(peerId);
    expect(() => signStatement(identity, { kind: 'leave', peerId: stranger, version: 1 })).toThrow(
      RangeError,
    );
  });

  it('names the peer that its key belongs to', () => {
    const other = createIdentity(Buffer.alloc(32, 2));
    const { bytes } = signStatement(identity, { kind: 'leave', ...said });
    const withOtherKey = Uint8Array.from(bytes);
    withOtherKey.set(other.publicKey, 1);
    const decoded = decodeStatement(withOtherKey);
    expect(decoded?.statement.peerId).toBe(other.peerId);
    expect(decoded !== undefined && isGenuine(decoded, verify)).toBe(false);
  });

  it('fits a datagram with its hint when everything in it is as long as it gets', () => {
    const largest: Statement[] = [
      {
        kind: 'summary',
        ...said,
        port: 65_535,
        contentCount: 100_000,
        interests: new Array<InfoHash>(16).fill(hash),
        filter: new Uint8Array(512),
      },
      {
        ...index,
        name: 'n'.repeat(255),
        pieceCount: MAX_PIECES,
        part: { kind: 'segment', segment: 0, ranges: alternating },
      },
    ];
    const sizes = largest.map((what) => {
      const signed = signStatement(identity, what);
      const provenAt = { host: '2001:db8::1', port: 1 };
      const items = [{ kind: 'statement' as const, statement: signed, provenAt }];
      return encodeGossip({ sender: identity.peerId, cookie: new Uint8Array(8) }, { kind: 'items', items })
        .length;
    });
    expect(sizes).toEqual([1_000, 963]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
  });

  it.each<[string, Statement]>([
    ['a version beyond 48 bits', { kind: 'leave', ...said, version: 2 ** 48 }],
    ['a name of 256 bytes', { ...index, name: 'n'.repeat(256) }],
    ['a segment behind the last', { ...index, part: { kind: 'segment', segment: 3, ranges: [] } }],
    [
      'pieces of another segment',
      { ...index, part: { kind: 'segment', segment: 0, ranges: [{ start: 5_000, end: 5_001 }] } },
    ],
    [
      'ranges that touch',
      {
        ...index,
        part: {
          kind: 'segment',
          segment: 0,
          ranges: [
            { start: 1, end: 2 },
            { start: 2, end: 3 },
          ],
        },
      },
    ],
    ['an empty range', { ...index, part: { kind: 'segment', segment: 0, ranges: [{ start: 1, end: 1 }] } }],
    [
      'seventeen interests',
      {
        kind: 'summary',
        ...said,
        port: 1,
        contentCount: 1,
        interests: new Array<InfoHash>(17).fill(hash),
        filter: new Uint8Array(),
      },
    ],
    [
      'a filter of 513 bytes',
      { kind: 'summary', ...said, port: 1, contentCount: 1, interests: [], filter: new Uint8Array(513) },
    ],
    [
      'port 0',
      { kind: 'summary', ...said, port: 0, contentCount: 1, interests: [], filter: new Uint8Array() },
    ],
  ])('with %s is not signed', (_, what) => {
    expect(() => signStatement(identity, what)).toThrow(RangeError);
  });
});

describe('the pieces in a statement', () => {
  const bytesFor = (ranges: IndexPart & { kind: 'segment' }): number =>
    signStatement(identity, { ...index, part: ranges }).bytes.length;
  const empty = bytesFor({ kind: 'segment', segment: 0, ranges: [] });

  it('go as ranges where they are few, as bits where they are many', () => {
    expect(bytesFor({ kind: 'segment', segment: 0, ranges: [{ start: 0, end: 4_096 }] }) - empty).toBe(3);
    expect(bytesFor({ kind: 'segment', segment: 0, ranges: alternating.slice(0, 100) }) - empty).toBe(200);
    expect(bytesFor({ kind: 'segment', segment: 0, ranges: alternating }) - empty).toBe(512);
  });

  it('of a short last segment take as many bits as it has pieces', () => {
    const first = 2 * SEGMENT_PIECES;
    const ranges = alternating
      .slice(0, 900)
      .map(({ start }) => ({ start: first + start, end: first + start + 1 }));
    expect(bytesFor({ kind: 'segment', segment: 2, ranges }) - empty).toBe((10_000 - first) / 8);
  });

  /** The same statement with what stands behind the piece count replaced; its signature is worth nothing. */
  function withPart(part: readonly number[], changes: Partial<Index> = {}): unknown {
    const { bytes } = signStatement(identity, { ...index, ...changes, part: { kind: 'whole' } });
    return decodeStatement(Uint8Array.from([...bytes.slice(0, -65), ...part, ...bytes.slice(-64)]));
  }

  it.each([
    ['neither whole nor a segment', [2]],
    ['something behind the whole', [0, 0]],
    ['a segment without an encoding', [1, 0, 0]],
    ['no known encoding', [1, 0, 0, 2]],
    ['a segment behind the last', [1, 0, 3, 0]],
    ['a bitmap too short', [1, 0, 0, 1, ...new Array<number>(511).fill(1)]],
    ['a bitmap too long', [1, 0, 0, 1, ...new Array<number>(513).fill(1)]],
    ['half a range', [1, 0, 0, 0, 5]],
    ['pieces behind the segment', [1, 0, 0, 0, 0, 0x81, 0x20]],
    ['a number without its end', [1, 0, 0, 0, 0x80]],
  ])('are refused with %s', (_, part) => {
    expect(withPart([1, 0, 0, 0, 5, 1])).toMatchObject({
      statement: { part: { ranges: [{ start: 5, end: 6 }] } },
    });
    expect(withPart(part)).toBeUndefined();
  });

  it('are refused with a spare bit', () => {
    expect(withPart([1, 0, 0, 1, 0b1010_0000], { pieceCount: 3 })).toBeDefined();
    expect(withPart([1, 0, 0, 1, 0b1001_0000], { pieceCount: 3 })).toBeUndefined();
  });

  it('of an empty content are all there', () => {
    const nothing = { ...index, length: 0, pieceCount: 0, part: { kind: 'whole' } } as const;
    expect(decodeStatement(signStatement(identity, nothing).bytes)?.statement).toEqual(nothing);
    expect(withPart([1, 0, 0, 0], { length: 0, pieceCount: 0 })).toBeUndefined();
  });

  it.each<[string, Partial<Index>]>([
    ['more pieces than bytes', { length: 9_999 }],
    ['bytes without pieces', { pieceCount: 0 }],
    ['more pieces than a content may have', { length: 2 ** 50, pieceCount: MAX_PIECES + 1 }],
    ['a name that leads out', { name: '../x' }],
    ['an empty name', { name: '' }],
  ])('are refused with %s', (_, changes) => {
    expect(withPart([0])).toBeDefined();
    expect(withPart([0], changes)).toBeUndefined();
  });
});

describe('the bytes that are signed', () => {
  it('of a proof tell nonce, receiver and cookie apart from any other', () => {
    fc.assert(
      fc.property(bytesOf(8), peerId, bytesOf(8), (nonce, receiver, given) => {
        const bytes = proofBytes(nonce, receiver, given);
        expect(Buffer.from(bytes).toString('hex')).toBe(
          [Buffer.from('lanshare proof'), nonce, Buffer.from(receiver, 'hex'), given]
            .map((part) => Buffer.from(part).toString('hex'))
            .join(''),
        );
      }),
    );
  });

  it('of a statement begin with what they are for', () => {
    const signed = signStatement(identity, { kind: 'leave', ...said });
    const over: string[] = [];
    isGenuine(signed, (key, bytes, signature) => {
      over.push(Buffer.from(bytes).toString('latin1', 0, 18));
      expect([...key]).toEqual([...identity.publicKey]);
      expect([...signature]).toEqual([...signed.bytes.slice(-64)]);
      return true;
    });
    expect(over).toEqual(['lanshare statement']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGossip, isGossip } from '../../../src/gossip/codec/decode-gossip.ts';
import { encodeGossip, itemBytes, packItems } from '../../../src/gossip/codec/encode-gossip.ts';
import type { GossipBody, GossipItem, GossipMessage } from '../../../src/gossip/gossip-message.ts';
import { MAX_DATAGRAM_BYTES } from '../../../src/limits.ts';
import { body, header, identities, item, sampleOf, samples, signedStatement } from './arbitrary-gossip.ts';

const someHeader = sampleOf(header);

function decode(bytes: Uint8Array): GossipMessage {
  const message = decodeGossip(bytes);
  if ('fault' in message) throw new Error(`not decoded: ${message.fault}`);
  return message;
}

function decodeItems(bytes: Uint8Array): readonly GossipItem[] {
  const message = decode(bytes);
  if (message.kind !== 'items') throw new Error(`no items, but ${message.kind}`);
  return message.items;
}

/** An items datagram around bytes that our encoder would not write. */
function rawItems(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  const empty = encodeGossip(someHeader, { kind: 'items', items: [] });
  return Uint8Array.from([...empty, ...parts.flatMap((part) => [...part])]);
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const sample = (kind: GossipBody['kind']): Uint8Array => {
  const found = samples(body, 100).find((candidate) => candidate.kind === kind);
  if (found === undefined) throw new Error(`no sample of ${kind}`);
  return encodeGossip(someHeader, found);
};

describe('a gossip datagram', () => {
  it('decodes to what was encoded, and fits', () => {
    fc.assert(
      fc.property(header, body, (head, said) => {
        const bytes = encodeGossip(head, said);
        expect(bytes.length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
        expect(isGossip(bytes)).toBe(true);
        expect(decodeGossip(bytes)).toEqual({ ...head, ...said });
      }),
      { numRuns: 500 },
    );
  });

  it('has a probe that is no smaller than the proof that answers it', () => {
    expect(sample('probe').length).toBe(160);
    expect(sample('proof').length).toBe(146);
    expect(sample('unknown').length).toBe(34);
  });

  it('begins with LANS, version 1, kind, sender and cookie', () => {
    const sender = identities[0]?.peerId ?? someHeader.sender;
    const bytes = encodeGossip({ sender, cookie: Buffer.alloc(8, 0xcc) }, { kind: 'unknown' });
    expect(Buffer.from(bytes).toString('hex')).toBe(`4c414e530113${sender}${'cc'.repeat(8)}`);
  });

  it('has bytes of its own when it is decoded', () => {
    for (const kind of ['probe', 'proof', 'items'] as const) {
      const bytes = sample(kind);
      const decoded = decode(bytes);
      const before = structuredClone(decoded);
      bytes.fill(0xff);
      expect(decoded).toEqual(before);
    }
  });

  it('with a field of another size is not encoded', () => {
    const cookie = new Uint8Array(8);
    const { sender } = someHeader;
    const short = new Uint8Array(7);
    expect(() => encodeGossip({ sender, cookie: short }, { kind: 'unknown' })).toThrow(RangeError);
    expect(() => encodeGossip({ sender, cookie }, { kind: 'probe', nonce: short })).toThrow(RangeError);
    const members = { kind: 'members' } as const;
    const unfit: GossipItem[] = [
      { kind: 'ping', sequence: -1 },
      { kind: 'ping', sequence: 2 ** 32 },
      { kind: 'ping', sequence: 0.5 },
      { kind: 'root', scope: members, digest: short },
      { kind: 'buckets', scope: members, bits: 2, digests: new Uint32Array(5) },
      { kind: 'buckets', scope: members, bits: 9, digests: new Uint32Array(512) },
      { kind: 'entries', scope: members, bits: 2, bucket: 4, entries: [] },
      { kind: 'want', scope: members, entries: [{ shortId: 'abc', version: 1 }] },
      { kind: 'want', scope: members, entries: [{ shortId: 'ab'.repeat(8), version: 2 ** 48 }] },
      { kind: 'examine', sequence: 1, port: 0 },
    ];
    for (const only of unfit)
      expect(() => encodeGossip(someHeader, { kind: 'items', items: [only] })).toThrow(RangeError);
  });
});

describe('items', () => {
  it('are packed in order into as many datagrams as it takes', () => {
    fc.assert(
      fc.property(header, fc.array(item, { maxLength: 30 }), (head, items) => {
        const datagrams = packItems(head, items);
        for (const { length } of datagrams) expect(length).toBeLessThanOrEqual(MAX_DATAGRAM_BYTES);
        expect(datagrams.flatMap(decodeItems)).toEqual(items);
        const all = items.reduce((sum, each) => sum + itemBytes(each), 0);
        expect(datagrams.reduce((sum, { length }) => sum + length - 34, 0)).toBe(all);
      }),
      { numRuns: 200 },
    );
  });

  it('fill each datagram before the next is begun', () => {
    const pings = Array.from({ length: 1_000 }, (_, sequence): GossipItem => ({ kind: 'ping', sequence }));
    expect(packItems(someHeader, pings)).toHaveLength(Math.ceil(1_000 / Math.floor((1_200 - 34) / 7)));
    expect(packItems(someHeader, [])).toEqual([]);
  });

  it('take the bytes that are said of them', () => {
    fc.assert(
      fc.property(item, (only) => {
        const bytes = encodeGossip(someHeader, { kind: 'items', items: [only] });
        expect(bytes.length).toBe(34 + itemBytes(only));
      }),
    );
  });

  it('that do not fit a datagram are refused', () => {
    const entries = Array.from({ length: 90 }, () => ({ shortId: '00'.repeat(8), version: 0 }));
    const want: GossipItem = { kind: 'want', scope: { kind: 'members' }, entries };
    expect(() => encodeGossip(someHeader, { kind: 'items', items: [want] })).toThrow(RangeError);
    expect(() => packItems(someHeader, [want])).toThrow(RangeError);
  });

  it.each([
    'fe80::1%eth0',
    'fe80::1',
    'febf::1',
    '10.0.0.1%eth0',
    '0.0.0.0',
    '239.1.2.3',
    '255.255.255.255',
    'ff02::1',
    '::',
    'printer.local',
  ])('say nothing of %s as a place where a peer was proven', (host) => {
    const statement = sampleOf(signedStatement);
    const bytes = encodeGossip(someHeader, {
      kind: 'items',
      items: [{ kind: 'statement', statement, provenAt: { host, port: 9 } }],
    });
    expect(decodeItems(bytes)).toEqual([{ kind: 'statement', statement, provenAt: undefined }]);
  });

  it('name an IPv4 address as one, however a socket reported it', () => {
    const statement = sampleOf(signedStatement);
    const provenAt = { host: '::ffff:10.0.0.1', port: 9 };
    const bytes = encodeGossip(someHeader, {
      kind: 'items',
      items: [{ kind: 'statement', statement, provenAt }],
    });
    expect(decodeItems(bytes)).toMatchObject([{ provenAt: { host: '10.0.0.1', port: 9 } }]);
  });

  it.each([
    ['port 0', [4, 10, 0, 0, 1, 0, 0]],
    ['the unspecified address', [4, 0, 0, 0, 0, 0, 9]],
    ['a multicast group', [4, 224, 0, 0, 251, 0, 9]],
    ['everybody', [4, 255, 255, 255, 255, 0, 9]],
    ['a link-local address', [6, 0xfe, 0x80, ...zeros(13), 1, 0, 9]],
    ['an IPv6 group', [6, 0xff, 2, ...zeros(13), 1, 0, 9]],
    ['an IPv4 group in an IPv6 address', [6, ...zeros(10), 0xff, 0xff, 224, 0, 0, 251, 0, 9]],
  ])('with a hint at %s are read without it', (_, hint) => {
    const { bytes, statement } = sampleOf(signedStatement);
    const length = hint.length + bytes.length;
    expect(decodeItems(rawItems([7, length >> 8, length & 0xff], hint, bytes))).toEqual([
      { kind: 'statement', statement: { statement, bytes }, provenAt: undefined },
    ]);
  });

  it('of types, and statements of kinds, that we do not know are skipped', () => {
    const ping = [1, 0, 4, 0, 0, 0, 5];
    const later = [200, 0, 2, 9, 9];
    const laterStatement = [7, 0, 3, 0, 77, 1];
    expect(decodeItems(rawItems(later, ping, laterStatement, [0, 0, 0]))).toEqual([
      { kind: 'ping', sequence: 5 },
    ]);
  });
});

describe('the gossip decoder', () => {
  const datagrams = samples(body, 60).map((said) => encodeGossip(someHeader, said));

  it('refuses every datagram that was cut, at any byte but between items', () => {
    for (const bytes of datagrams)
      for (let length = 0; length < bytes.length; length++) {
        if (length === 34 && bytes[5] === 18) continue;
        expect(decodeGossip(bytes.slice(0, length))).toEqual({ fault: 'malformed' });
      }
  });

  it('reads the items before a cut between two of them', () => {
    const items: GossipItem[] = [
      { kind: 'ping', sequence: 1 },
      { kind: 'ack', sequence: 2 },
    ];
    const bytes = encodeGossip(someHeader, { kind: 'items', items });
    for (let length = 34; length < bytes.length; length++) {
      const decoded = decodeGossip(bytes.slice(0, length));
      if ((length - 34) % 7 === 0)
        expect(decoded).toMatchObject({ items: items.slice(0, (length - 34) / 7) });
      else expect(decoded).toEqual({ fault: 'malformed' });
    }
  });

  it('refuses a byte too many, but behind a probe, whose padding may grow', () => {
    for (const bytes of datagrams) {
      const longer = Uint8Array.from([...bytes, 0]);
      if (bytes[5] === 16) expect(decodeGossip(longer)).toEqual(decodeGossip(bytes));
      else if (longer.length <= MAX_DATAGRAM_BYTES)
        expect(decodeGossip(longer)).toEqual({ fault: 'malformed' });
    }
  });

  it('names what is wrong', () => {
    const bytes = sample('unknown');
    const changed = (at: number, value: number): Uint8Array => bytes.with(at, value);
    expect(decodeGossip(new Uint8Array(1_201))).toEqual({ fault: 'too long' });
    expect(decodeGossip(changed(0, 0x6c))).toEqual({ fault: 'malformed' });
    expect(decodeGossip(changed(4, 2))).toEqual({ fault: 'malformed' });
    expect(decodeGossip(changed(5, 20))).toEqual({ fault: 'unknown kind' });
    expect(decodeGossip(changed(5, 2))).toEqual({ fault: 'unknown kind' });
  });

  it('leaves all other kinds to the beacon', () => {
    const bytes = sample('unknown');
    for (let kind = 0; kind < 256; kind++)
      expect(isGossip(bytes.with(5, kind))).toBe(kind >= 16 && kind <= 19);
    expect(isGossip(bytes.with(4, 2))).toBe(false);
    expect(isGossip(Buffer.from('LANS'))).toBe(false);
    expect(isGossip(Buffer.from('BT-SEARCH * HTTP/1.1'))).toBe(false);
  });

  it.each([
    ['a ping of 3 bytes', [1, 0, 3, 0, 0, 0]],
    ['a ping of 5 bytes', [1, 0, 5, 0, 0, 0, 0, 0]],
    ['a length beyond the end', [1, 0, 5, 0, 0, 0, 0]],
    ['a type alone', [1]],
    ['a root in no known scope', [3, 0, 9, 2, ...zeros(8)]],
    ['a root of 7 bytes', [3, 0, 8, 0, ...zeros(7)]],
    ['buckets of 9 bits', [4, 8, 2, 0, 9, ...zeros(2_048)].slice(0, 1_100)],
    ['buckets fewer than their bits say', [4, 0, 6, 0, 1, ...zeros(4)]],
    ['entries in a bucket that does not exist', [5, 0, 3, 0, 2, 4]],
    ['entries with a piece of one', [5, 0, 4, 0, 2, 3, 1]],
    ['a wish with a piece of an entry', [6, 0, 14, 0, ...zeros(13)]],
    ['a hint of no known family', [7, 0, 5, 5, 1, 2, 3, 4]],
    ['a statement item without a statement', [7, 0, 1, 0]],
    ['a statement that is none', [7, 0, 2, 0, 2]],
    ['port 0 to be examined', [11, 0, 6, 0, 0, 0, 0, 0, 0]],
    ['an outcome that does not exist', [12, 0, 11, 0, 0, 0, 0, 3, ...zeros(6)]],
  ])('refuses %s', (_, bytes) => {
    expect(decodeGossip(rawItems(bytes))).toEqual({ fault: 'malformed' });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 15, max: 20 }), (garbage, kind) => {
        decodeGossip(garbage);
        decodeGossip(Uint8Array.from([...Buffer.from('LANS'), 1, kind, ...garbage]));
        decodeGossip(rawItems(garbage));
      }),
      { numRuns: 3_000 },
    );
  });

  it('makes of a datagram with damaged bytes nothing, or a message that encodes again', () => {
    const damage = fc.array(fc.tuple(fc.nat(1_199), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...datagrams), damage, (bytes, changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        const message = decodeGossip(damaged);
        if ('fault' in message) return;
        expect(decodeGossip(encodeGossip(message, message))).toEqual(message);
      }),
      { numRuns: 3_000 },
    );
  });
});

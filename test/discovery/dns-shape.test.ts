import { describe, expect, it } from 'vitest';
import { readableDnsMessage } from '../../src/discovery/mdns/dns-shape.ts';

const A = 1;
const PTR = 12;
const TXT = 16;
const AAAA = 28;
const SRV = 33;
const NSEC = 47;
const HEADER_BYTES = 12;
/** `local`, the first name of each message here. */
const LOCAL = [5, ...Buffer.from('local'), 0];
const QUESTION = [...LOCAL, 0, PTR, 0, 1];
const pointer = (to: number): number[] => [0xc0 | (to >> 8), to & 0xff];

interface Written {
  readonly name?: readonly number[];
  readonly type: number;
  readonly data: readonly number[];
  /** Default: as long as it is. */
  readonly length?: number;
}

function record({ name = pointer(HEADER_BYTES), type, data, length = data.length }: Written): number[] {
  return [...name, 0, type, 0, 1, 0, 0, 0, 120, length >> 8, length & 0xff, ...data];
}

function message(...records: readonly (readonly number[])[]): Uint8Array {
  const { length } = records;
  return Uint8Array.from([
    0,
    0,
    0x84,
    0,
    0,
    1,
    length >> 8,
    length & 0xff,
    0,
    0,
    0,
    0,
    ...QUESTION,
    ...records.flat(),
  ]);
}

const many = <T>(count: number, one: T): T[] => new Array<T>(count).fill(one);

describe('a DNS message', () => {
  it('is read where all its records are as long as they say', () => {
    const whole = message(
      record({ type: A, data: [10, 0, 0, 1] }),
      record({ type: AAAA, data: many(16, 0) }),
      record({ type: PTR, data: [1, 97, ...pointer(HEADER_BYTES)] }),
      record({ type: SRV, data: [0, 0, 0, 0, 0, 80, ...LOCAL] }),
      record({ type: TXT, data: [3, 97, 61, 98] }),
    );
    expect(readableDnsMessage(whole)).toEqual(Buffer.from(whole));
  });

  it('is refused when it was cut, at any byte', () => {
    const whole = message(
      record({ type: PTR, data: [1, 97, ...pointer(HEADER_BYTES)] }),
      record({ type: TXT, data: [3, 97, 61, 98] }),
    );
    for (let length = 0; length < whole.length; length++)
      expect(readableDnsMessage(whole.slice(0, length))).toBeUndefined();
  });

  it.each<[string, Written]>([
    ['an address with more behind it', { type: A, data: many(40, 0) }],
    ['an address of 3 bytes', { type: A, data: [1, 2, 3] }],
    ['an IPv6 address of 4 bytes', { type: AAAA, data: [1, 2, 3, 4] }],
    ['a pointer with more behind it', { type: PTR, data: [...LOCAL, 1, 2] }],
    ['a name that is longer than its record', { type: PTR, data: LOCAL, length: 3 }],
    ['a service with more behind it', { type: SRV, data: [0, 0, 0, 0, 0, 80, ...LOCAL, 0] }],
  ])('is refused with %s', (_, written) => {
    expect(readableDnsMessage(message(record(written)))).toBeUndefined();
  });

  it('has records of types that we do not read hidden from the package, and is not changed itself', () => {
    const whole = message(record({ type: NSEC, data: [...pointer(HEADER_BYTES), 0, 4, 0x40, 0, 0, 8] }));
    const before = Uint8Array.from(whole);
    const typeAt = HEADER_BYTES + QUESTION.length + 2;
    expect(readableDnsMessage(whole)?.readUInt16BE(typeAt)).toBe(0xff00);
    expect(whole).toEqual(before);
  });

  it('is read with as many known answers as fit', () => {
    const answers = Array.from({ length: 450 }, (_, at) =>
      record({ type: PTR, data: [4, ...Buffer.from(String(1_000 + at)), ...pointer(HEADER_BYTES)] }),
    );
    expect(readableDnsMessage(message(...answers))).toBeDefined();
  });

  it('is refused where many records point to a chain of pointers', () => {
    const start = HEADER_BYTES + QUESTION.length + HEADER_BYTES;
    const chain = Array.from({ length: 2_000 }, (_, at) =>
      pointer(at === 0 ? HEADER_BYTES : start + 2 * (at - 1)),
    ).flat();
    const hidden = record({ type: 10, data: chain });
    const address = record({ name: pointer(start + chain.length - 2), type: A, data: [10, 0, 0, 1] });
    expect(readableDnsMessage(message(hidden, address))).toBeDefined();
    expect(readableDnsMessage(message(hidden, ...many(200, address)))).toBeUndefined();
    const named = record({ type: PTR, data: pointer(start + chain.length - 2) });
    expect(readableDnsMessage(message(hidden, ...many(200, named)))).toBeUndefined();
  });

  it('is refused where many records point to a long name', () => {
    const long = record({ name: [...many(126, [1, 97]).flat(), 0], type: A, data: [10, 0, 0, 1] });
    const again = record({ name: pointer(HEADER_BYTES + QUESTION.length), type: A, data: [10, 0, 0, 1] });
    expect(readableDnsMessage(message(long, again))).toBeDefined();
    expect(readableDnsMessage(message(long, ...many(400, again)))).toBeUndefined();
  });

  it('is refused with a pointer to itself, or two to each other', () => {
    const at = HEADER_BYTES + QUESTION.length;
    expect(
      readableDnsMessage(message(record({ name: pointer(at), type: A, data: [10, 0, 0, 1] }))),
    ).toBeUndefined();
    const there = record({ name: pointer(at + 16), type: A, data: [10, 0, 0, 1] });
    const back = record({ name: pointer(at), type: A, data: [10, 0, 0, 1] });
    expect(readableDnsMessage(message(there, back))).toBeUndefined();
  });

  it('is refused with thousands of empty strings', () => {
    expect(readableDnsMessage(message(record({ type: TXT, data: many(8_000, 0) })))).toBeUndefined();
    expect(readableDnsMessage(message(record({ type: TXT, data: [0] })))).toBeDefined();
    const pairs = many(200, [3, 97, 61, 98]).flat();
    expect(readableDnsMessage(message(record({ type: TXT, data: pairs })))).toBeDefined();
  });
});

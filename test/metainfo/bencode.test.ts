import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bencoded,
  BencodeError,
  type BencodeInput,
  type BencodeLimits,
  decodeBencode,
  encodeBencode,
} from '../../src/metainfo/bencode.ts';

function faultOf(text: string | Uint8Array, limits?: Partial<BencodeLimits>): string {
  try {
    decodeBencode(Buffer.from(text as string, 'latin1'), limits);
  } catch (error) {
    if (error instanceof BencodeError) return error.message;
    throw error;
  }
  return 'no fault';
}

/** What was decoded as plain data: byte strings in hexadecimal, dictionaries as lists of pairs. */
function plain(value: Bencoded): unknown {
  switch (value.kind) {
    case 'integer':
      return value.integer;
    case 'string':
      return Buffer.from(value.bytes ?? []).toString('hex');
    case 'list':
      return [...value.items()].map(plain);
    case 'dictionary':
      return [...value.entries()].map(([key, item]) => [Buffer.from(key).toString('utf8'), plain(item)]);
  }
}

function plainInput(value: BencodeInput): unknown {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' || value instanceof Uint8Array)
    return Buffer.from(value as string).toString('hex');
  if (Array.isArray(value)) return value.map(plainInput);
  return Object.entries(value)
    .sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map(([key, item]) => [key, plainInput(item ?? '')]);
}

const anyInput = fc.letrec<{ value: BencodeInput }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger().map((number) => (number === 0 ? 0 : number)),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: fc.integer({ min: 1, max: 0xd7ff }).map((c) => String.fromCharCode(c)) }),
      tie('value'),
      {
        maxKeys: 5,
      },
    ),
  ),
})).value;

describe('bencode', () => {
  it('what is encoded is decoded to the same, with keys sorted by their bytes', () => {
    fc.assert(
      fc.property(anyInput, (value) => {
        expect(plain(decodeBencode(encodeBencode(value)))).toEqual(plainInput(value));
      }),
    );
  });

  it('reads the examples of BEP 3', () => {
    expect(plain(decodeBencode(Buffer.from('4:spam')))).toBe('7370616d');
    expect(decodeBencode(Buffer.from('i-3e')).integer).toBe(-3);
    expect(decodeBencode(Buffer.from('i0e')).integer).toBe(0);
    const list = decodeBencode(Buffer.from('l4:spam4:eggse'));
    expect([...list.items()].map((item) => item.text)).toEqual(['spam', 'eggs']);
    const dictionary = decodeBencode(Buffer.from('d3:cow3:moo4:spaml1:a1:bee'));
    expect(dictionary.field('cow')?.text).toBe('moo');
    expect([...(dictionary.field('spam')?.items() ?? [])].map((item) => item.text)).toEqual(['a', 'b']);
  });

  it('keeps the largest exact integers and refuses what a number cannot hold', () => {
    expect(decodeBencode(Buffer.from('i9007199254740991e')).integer).toBe(Number.MAX_SAFE_INTEGER);
    expect(decodeBencode(Buffer.from('i-9007199254740991e')).integer).toBe(-Number.MAX_SAFE_INTEGER);
    expect(faultOf('i9007199254740992e')).toBe('bad integer at byte 0');
    expect(faultOf(`i${'9'.repeat(400)}e`)).toBe('bad integer at byte 0');
  });

  it('answers undefined where a value is of another kind or is not there', () => {
    const value = decodeBencode(Buffer.from('d1:ai1e1:b1:x1:clee'));
    expect(value.integer).toBeUndefined();
    expect(value.bytes).toBeUndefined();
    expect(value.field('z')).toBeUndefined();
    expect(value.field('a')?.text).toBeUndefined();
    expect(value.field('b')?.integer).toBeUndefined();
    expect([...(value.field('a')?.items() ?? [])]).toEqual([]);
    expect([...(value.field('c')?.entries() ?? [])]).toEqual([]);
    expect(value.field('b')?.field('x')).toBeUndefined();
  });

  it('never takes a value for a key', () => {
    const value = decodeBencode(Buffer.from('d1:a1:b1:c1:ae'));
    expect(value.field('b')).toBeUndefined();
    expect(value.field('c')?.text).toBe('a');
  });

  it('gives the original bytes of a value, unsorted keys and all', () => {
    const value = decodeBencode(Buffer.from('d4:infod1:zi1e1:ai2eee'));
    expect(Buffer.from(value.field('info')?.raw ?? []).toString()).toBe('d1:zi1e1:ai2ee');
  });

  it('takes keys that are dangerous elsewhere as ordinary keys', () => {
    const value = decodeBencode(Buffer.from('d9:__proto__d7:pollutei1eee'));
    expect(value.field('__proto__')?.field('pollute')?.integer).toBe(1);
    expect(value.field('pollute')).toBeUndefined();
    expect('pollute' in {}).toBe(false);
  });

  it('tells bytes that are no UTF-8 from text, and keeps a byte order mark', () => {
    expect(decodeBencode(Buffer.from([0x31, 0x3a, 0xff])).text).toBeUndefined();
    expect(decodeBencode(Buffer.from('3:\ufeff')).text).toBe('\ufeff');
  });

  it.each([
    ['', 'truncated at byte 0'],
    ['x', 'not bencode at byte 0'],
    ['e', 'not bencode at byte 0'],
    ['-1:a', 'not bencode at byte 0'],
    ['i1', 'truncated at byte 2'],
    ['ie', 'bad integer at byte 0'],
    ['i-e', 'bad integer at byte 0'],
    ['i-0e', 'bad integer at byte 0'],
    ['i01e', 'bad integer at byte 0'],
    ['i-01e', 'bad integer at byte 0'],
    ['i+1e', 'bad integer at byte 0'],
    ['i1.5e', 'bad integer at byte 0'],
    ['i 1e', 'bad integer at byte 0'],
    ['3:ab', 'truncated at byte 0'],
    ['01:a', 'bad string length at byte 0'],
    ['1a', 'bad string length at byte 0'],
    ['99999999999999999999:a', 'bad string length at byte 0'],
    ['9007199254740991:a', 'truncated at byte 0'],
    ['l', 'truncated at byte 1'],
    ['li1e', 'truncated at byte 4'],
    ['d', 'truncated at byte 1'],
    ['di1ei2ee', 'key is not a string at byte 1'],
    ['d1:ae', 'key without value at byte 4'],
    ['d1:ai1e1:ai2ee', 'duplicate key at byte 7'],
    ['d1:bi1e1:ai1e1:bi2ee', 'duplicate key at byte 13'],
    ['d1:ble1:ad1:xi1ee1:alee', 'duplicate key at byte 17'],
    ['i1ei2e', 'trailing bytes at byte 3'],
    ['4:spam\n', 'trailing bytes at byte 6'],
  ])('refuses %j: %s', (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('accepts keys that are not sorted, as some programs write them', () => {
    expect(faultOf('d1:bi1e1:ai2ee')).toBe('no fault');
  });

  it('holds its limits: bytes, depth, number of values', () => {
    const nested = (depth: number) => 'l'.repeat(depth) + 'e'.repeat(depth);
    expect(faultOf(nested(99))).toBe('no fault');
    expect(faultOf(nested(100))).toBe('too deep at byte 99');
    expect(faultOf(nested(5), { maxDepth: 4 })).toBe('too deep at byte 4');
    expect(faultOf('li1ei2ee', { maxTokens: 3 })).toBe('no fault');
    expect(faultOf('li1ei2ei3ee', { maxTokens: 3 })).toBe('too many values at byte 7');
    expect(faultOf('d1:a1:be', { maxTokens: 2 })).toBe('too many values at byte 4');
    expect(faultOf('4:spam', { maxBytes: 5 })).toBe('too long at byte 5');
  });

  it('refuses bombs: depth, empty values by the million, lengths beyond the input', () => {
    expect(faultOf('l'.repeat(1_000_000))).toBe('too deep at byte 99');
    expect(faultOf('d1:a'.repeat(1_000_000))).toBe('too deep at byte 396');
    expect(faultOf(`l${'0:'.repeat(4_000_000)}e`)).toBe('too many values at byte 5999999');
    expect(faultOf('4294967295:')).toBe('truncated at byte 0');
  });

  it('either decodes any bytes or throws BencodeError, never anything else', () => {
    const piece = fc.constantFrom('d', 'l', 'e', 'i', '1', '0', ':', '-', '1:a', 'i5e', '3:abc', '\u00ff');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(typeof faultOf(pieces.join(''))).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses to encode what would not come back: fractions, huge numbers, keys out of byte order', () => {
    expect(() => encodeBencode(1.5)).toThrow(RangeError);
    expect(() => encodeBencode({ a: [2 ** 53] })).toThrow(RangeError);
    expect(() => encodeBencode({ a: Number.NaN })).toThrow(RangeError);
    expect(() => encodeBencode({ '\u{1f600}': 1 })).toThrow(RangeError);
  });

  it('leaves out keys without a value, and encodes a view without what lies around it', () => {
    const view = Buffer.from('xspamx').subarray(1, 5);
    expect(Buffer.from(encodeBencode({ b: undefined, a: view })).toString()).toBe('d1:a4:spame');
  });
});

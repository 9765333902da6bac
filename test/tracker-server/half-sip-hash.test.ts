import { describe, expect, it } from 'vitest';
import { HalfSipHash } from '../../src/tracker-server/half-sip-hash.ts';

const KEY = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);

/** The reference's vectors_hsip32: of the first so many bytes of 00 01 02 ... */
const OF_32_BITS = [
  [0, 'a9359f5b'],
  [1, '27475ab8'],
  [2, 'fa62a603'],
  [3, '8afee704'],
  [4, '2a6e4689'],
  [6, '5863fc23'],
  [8, 'd0b8848f'],
  [20, 'e34d1045'],
  [22, '70f367fe'],
] as const;

/** Its vectors_hsip64. */
const OF_64_BITS = [
  [0, '218d1f59b9b83cc8'],
  [4, 'd5e78a175be52ea1'],
  [8, 'edfee820bce4858c'],
] as const;

describe('HalfSipHash', () => {
  it.each(OF_32_BITS)('of %i bytes is the reference implementation’s', (length, expected) => {
    const { words, count, tail, tailBytes } = input(length);
    const hash = new HalfSipHash(KEY, '2-4').hash(words, count, tail, tailBytes);
    expect(hex(Int32Array.of(hash))).toBe(expected);
  });

  it.each(OF_64_BITS)('of %i bytes and 64 bits, too', (length, expected) => {
    const { words, count } = input(length);
    const wide = new Int32Array(2);
    new HalfSipHash(KEY, '2-4').hash(words, count, 0, 0, wide);
    expect(hex(wide)).toBe(expected);
  });

  it('is another one with another key, and with fewer rounds', () => {
    const { words, count } = input(20);
    const hashes = [
      new HalfSipHash(KEY, '2-4'),
      new HalfSipHash(KEY, '1-3'),
      new HalfSipHash(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 8), '2-4'),
    ].map((hash) => hash.hash(words, count));
    expect(new Set(hashes).size).toBe(3);
  });
});

function input(length: number) {
  const bytes = Uint8Array.from({ length: length + 4 }, (_, at) => (at < length ? at : 0));
  const view = new DataView(bytes.buffer);
  const count = Math.floor(length / 4);
  const words = Uint32Array.from({ length: count }, (_, at) => view.getUint32(at * 4, true));
  return { words, count, tail: view.getUint32(count * 4, true), tailBytes: length % 4 };
}

/** Little-endian, as the reference writes its outputs. */
function hex(words: Int32Array): string {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  for (const [at, word] of words.entries()) view.setInt32(at * 4, word, true);
  return Buffer.from(view.buffer).toString('hex');
}

/**
 * HalfSipHash (Aumasson and Bernstein's halfsiphash.c): SipHash with the words of 32 bits that JavaScript calculates in.
 * Input is words, little-endian as the reference reads them, and up to 3 bytes behind them. Its key has 64 bits only,
 * so none may live long where outputs are seen: `ConnectionIds` changes it each minute, and of the tables' hashes
 * nobody sees any.
 */
export class HalfSipHash {
  readonly #key0: number;
  readonly #key1: number;
  readonly #compressions: number;
  readonly #finalizations: number;

  /** `key`: 8 bytes. 1-3 rounds are for tables (as in Rust's and Python's), 2-4 where others see the output. */
  constructor(key: Uint8Array, rounds: '1-3' | '2-4') {
    const view = new DataView(key.buffer, key.byteOffset, 8);
    this.#key0 = view.getInt32(0, true);
    this.#key1 = view.getInt32(4, true);
    this.#compressions = rounds === '1-3' ? 1 : 2;
    this.#finalizations = rounds === '1-3' ? 3 : 4;
  }

  /**
   * The first `count` words and `tailBytes` bytes, little-endian in `tail`. Gives 32 bits, signed; with `wide`, the
   * other hash of 64 bits into it.
   */
  hash(words: Uint32Array, count: number, tail = 0, tailBytes = 0, wide?: Int32Array): number {
    let v0 = this.#key0;
    let v1 = wide === undefined ? this.#key1 : this.#key1 ^ 0xee;
    let v2 = 0x6c796765 ^ v0;
    let v3 = 0x74656462 ^ this.#key1;
    const lastStep = wide === undefined ? count + 1 : count + 2;
    for (let step = 0; step <= lastStep; step++) {
      let word = 0;
      let rounds = this.#compressions;
      if (step < count) word = words[step] ?? 0;
      else if (step === count) word = ((count * 4 + tailBytes) << 24) | tail;
      else {
        rounds = this.#finalizations;
        if (step > count + 1) v1 ^= 0xdd;
        else v2 ^= wide === undefined ? 0xff : 0xee;
      }
      v3 ^= word;
      for (let round = 0; round < rounds; round++) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
      if (wide !== undefined && step > count) wide[step - count - 1] = v1 ^ v3;
    }
    return v1 ^ v3;
  }
}

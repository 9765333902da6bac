/** Numbers that scatter, not secrets: xorshift (Marsaglia 2003), seeded with 4 random bytes. */
export class FastRandom {
  #state: number;

  constructor(seed: Uint8Array) {
    this.#state = new DataView(seed.buffer, seed.byteOffset, 4).getInt32(0) || 1;
  }

  /** A whole number in [0, below); `below` is at least 1. */
  below(below: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % below;
  }
}

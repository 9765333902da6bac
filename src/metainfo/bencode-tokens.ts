/** Tokens in the order of their first byte; a container is followed by what it contains. */
export class TokenTable {
  readonly #bytes: Uint8Array;
  /** Per token: first byte, byte behind the last, index of the first token that is not inside it. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly nexts: Uint32Array;

  constructor(bytes: Uint8Array, maxTokens: number) {
    // A Buffer's `slice` does not copy; a plain view's does, whatever the caller hands in.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // The shortest tokens ("de", "0:") have two bytes, so what does not fit ends in an error anyway. Pages that
    // are never written cost no memory.
    const capacity = Math.min(maxTokens, (bytes.length >> 1) + 1);
    this.starts = new Uint32Array(capacity);
    this.ends = new Uint32Array(capacity);
    this.nexts = new Uint32Array(capacity);
  }

  /** The bytes of a token with all that is inside it. */
  raw(index: number): Uint8Array {
    return this.#bytes.subarray(this.starts[index], this.ends[index]);
  }

  /** Whether the token's bytes are these ASCII characters. */
  is(index: number, ascii: string): boolean {
    const start = this.starts[index] ?? 0;
    if ((this.ends[index] ?? 0) - start !== ascii.length) return false;
    for (let at = 0; at < ascii.length; at++) {
      if (this.#bytes[start + at] !== ascii.charCodeAt(at)) return false;
    }
    return true;
  }

  /** The tokens directly inside a container. */
  *children(index: number): Generator<number> {
    const end = this.nexts[index] ?? 0;
    for (let child = index + 1; child < end; child = this.nexts[child] ?? end) yield child;
  }
}

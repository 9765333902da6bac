const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;

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

  /** Which kind of value it is. */
  firstByte(index: number): number {
    return this.#bytes[this.starts[index] ?? 0] ?? 0;
  }

  /** The content of a string. */
  content(index: number): Uint8Array {
    const colon = this.#bytes.indexOf(COLON, this.starts[index]);
    return this.#bytes.subarray(colon + 1, this.ends[index]);
  }

  /** The value of an integer; exact within ±(2^53 - 1). */
  integer(index: number): number {
    const end = (this.ends[index] ?? 0) - 1;
    let at = (this.starts[index] ?? 0) + 1;
    const negative = this.#bytes[at] === MINUS;
    if (negative) at++;
    let value = 0;
    for (; at < end; at++) value = value * 10 + ((this.#bytes[at] ?? 0) - ZERO);
    return negative ? -value : value;
  }

  /** The value of an ASCII key of a dictionary; of the first one where it is there twice. */
  valueOf(dictionary: number, key: string): number | undefined {
    const end = this.nexts[dictionary] ?? 0;
    for (let at = dictionary + 1; at < end; ) {
      const value = this.nexts[at] ?? end;
      if (this.#isText(at, key)) return value;
      at = this.nexts[value] ?? end;
    }
    return undefined;
  }

  /** The tokens directly inside a container. */
  *children(index: number): Generator<number> {
    const end = this.nexts[index] ?? 0;
    for (let child = index + 1; child < end; child = this.nexts[child] ?? end) yield child;
  }

  /** Whether the token is a string with these ASCII characters. */
  #isText(index: number, ascii: string): boolean {
    const content = (this.ends[index] ?? 0) - ascii.length;
    let at = this.starts[index] ?? 0;
    if (content <= at || this.#bytes[content - 1] !== COLON) return false;
    // The first colon ends the length: an earlier one means that the string is longer.
    while (this.#bytes[at] !== COLON) at++;
    if (at !== content - 1) return false;
    for (let offset = 0; offset < ascii.length; offset++) {
      if (this.#bytes[content + offset] !== ascii.charCodeAt(offset)) return false;
    }
    return true;
  }
}

/** The bytes are none of what they should be. Never leaves the codec. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** Fields one after another, big-endian. Whatever is not there, or out of its range, is a MalformedError. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** An unsigned number of 1 to 6 bytes. */
  uint(size: number, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    return within(this.#bytes.readUIntBE(this.#take(size), size), least, most);
  }

  /** 8 bytes; numbers beyond 2^53 - 1 are refused. */
  uint64(most = Number.MAX_SAFE_INTEGER): number {
    return within(Number(this.#bytes.readBigUInt64BE(this.#take(8))), 0, most);
  }

  /** 1 to 65,535. */
  port(): number {
    return this.uint(2, 1);
  }

  /** Bytes of their own. */
  copy(size: number): Uint8Array {
    return new Uint8Array(this.view(size));
  }

  /** Not copied: they change, and live, with what is being read. */
  view(size: number): Uint8Array {
    const at = this.#take(size);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, size);
  }

  hex(size: number): string {
    const at = this.#take(size);
    return this.#bytes.toString('hex', at, at + size);
  }

  /** To be called when all is read: there must be nothing behind it. */
  end(): void {
    if (this.left > 0) throw new MalformedError(`${this.left} bytes too many`);
  }

  #take(size: number): number {
    if (size > this.left) throw new MalformedError(`${size - this.left} bytes too few`);
    const at = this.#at;
    this.#at += size;
    return at;
  }
}

function within(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new MalformedError(`${value} is out of range`);
  return value;
}

/** What `read` makes of the bytes, or undefined where they are malformed. */
export function readWhole<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): T | undefined {
  try {
    const reader = new ByteReader(bytes);
    const value = read(reader);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** Fields one after another, big-endian. Whatever does not fit is a RangeError. */
export class ByteWriter {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.alloc(capacity);
  }

  /** What was written, as bytes of their own. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#at));
  }

  /** An unsigned number of 1 to 6 bytes. */
  uint(value: number, size: number): void {
    if (!Number.isInteger(value)) throw new RangeError(`${value} is no whole number`);
    this.#bytes.writeUIntBE(value, this.#take(size), size);
  }

  uint64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
    this.#bytes.writeBigUInt64BE(BigInt(value), this.#take(8));
  }

  /** 1 to 65,535. */
  port(port: number): void {
    if (port === 0) throw new RangeError('nobody listens on port 0');
    this.uint(port, 2);
  }

  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#take(bytes.length));
  }

  /** Of exactly this many bytes. */
  fixed(bytes: Uint8Array, size: number): void {
    if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes where there must be ${size}`);
    this.raw(bytes);
  }

  /** Hexadecimal digits of exactly this many bytes. */
  hex(digits: string, size: number): void {
    this.fixed(Buffer.from(digits, 'hex'), size);
  }

  zeros(size: number): void {
    this.#take(size);
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.#bytes.length) throw new RangeError(`does not fit into ${this.#bytes.length} bytes`);
    this.#at += size;
    return at;
  }
}

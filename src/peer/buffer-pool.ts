/** A bounded number of equal buffers, used again and again. Who finds none waits in line. */
export class BufferPool {
  readonly bufferBytes: number;
  readonly #limit: number;
  readonly #free: Buffer[] = [];
  readonly #waiting: ((buffer: Buffer) => void)[] = [];
  #made = 0;

  constructor(bufferBytes: number, limitBytes: number) {
    this.bufferBytes = bufferBytes;
    this.#limit = Math.max(1, Math.floor(limitBytes / bufferBytes));
  }

  /** More than half of the buffers are in use. */
  get scarce(): boolean {
    return this.#made - this.#free.length > this.#limit / 2;
  }

  take(): Promise<Buffer> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#made < this.#limit) {
      this.#made++;
      return Promise.resolve(Buffer.allocUnsafeSlow(this.bufferBytes));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(buffer: Buffer): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(buffer);
    else this.#free.push(buffer);
  }
}

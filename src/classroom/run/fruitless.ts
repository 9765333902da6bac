/**
 * What was sent on one link since its peer last told of more pieces than it ever had. A program need not tell of any, but
 * nobody needs more than the whole file: who asks for the same again and again keeps no run alive.
 */
export class Fruitless {
  readonly #fileBytes: number;
  #bytes = 0;

  constructor(fileBytes: number) {
    this.#fileBytes = fileBytes;
  }

  begin(): void {
    this.#bytes = 0;
  }

  /** Whether these bytes may still bring the peer further. */
  sent(bytes: number): 'may help' | 'in vain' {
    this.#bytes += bytes;
    return this.#bytes <= this.#fileBytes ? 'may help' : 'in vain';
  }
}

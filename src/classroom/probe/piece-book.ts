import { createHash } from 'node:crypto';
import type { ContentCheck } from './conversation.ts';
import { type FileShape, pieceLength } from './facts.ts';
import type { ReferenceContent } from './probe-api.ts';

/**
 * The pieces as the probe knows them: those of the file where it is at hand, else made-up ones, which the program is
 * given and should give back. Keeps digests, not content.
 */
export class PieceBook {
  readonly #file: FileShape | undefined;
  readonly #reference: ReferenceContent | undefined;
  readonly #indexOfDigest = new Map<string, number>();
  readonly #digestOf = new Map<number, string>();
  readonly #given = new Set<number>();

  constructor(file: FileShape | undefined, reference: ReferenceContent | undefined) {
    this.#file = file;
    this.#reference = reference;
  }

  /** What the program was given. */
  get given(): ReadonlySet<number> {
    return this.#given;
  }

  /** What the program is given as that piece; undefined where nobody knows how long it is. */
  async piece(index: number): Promise<Uint8Array | undefined> {
    if (this.#file === undefined) return undefined;
    const content = (await this.#reference?.piece(index)) ?? madeUp(index, pieceLength(this.#file, index));
    this.#remember(index, content);
    this.#given.add(index);
    return content;
  }

  /** From now on, `check` knows that piece and those beside it, where the file is at hand. */
  async learn(index: number): Promise<void> {
    if (this.#reference === undefined || this.#file === undefined) return;
    for (const one of [index, index - 1, index + 1]) {
      const isPiece = one >= 0 && one < this.#file.pieceCount;
      if (isPiece && !this.#digestOf.has(one)) this.#remember(one, await this.#reference.piece(one));
    }
  }

  check(index: number, content: Uint8Array): ContentCheck {
    const right = this.#digestOf.get(index);
    if (right === undefined) return 'unknown';
    const digest = digestOf(content);
    if (digest === right) return 'right';
    const other = this.#indexOfDigest.get(digest);
    return other === undefined ? 'wrong' : { pieceInstead: other };
  }

  #remember(index: number, content: Uint8Array): void {
    const digest = digestOf(content);
    this.#digestOf.set(index, digest);
    this.#indexOfDigest.set(digest, index);
  }
}

/** Different for each piece, and the same each time. */
function madeUp(index: number, length: number): Uint8Array {
  return Buffer.alloc(length, `This is piece ${index}, made up by lanshare peer probe. `);
}

function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64');
}

import type { PieceIndex } from '../metainfo/metainfo.ts';

/** How often each piece of a content was sent, over all links. */
export class SentPieces {
  readonly #counts = new Map<PieceIndex, number>();

  of(index: PieceIndex): number {
    return this.#counts.get(index) ?? 0;
  }

  count(index: PieceIndex): void {
    this.#counts.set(index, this.of(index) + 1);
  }
}

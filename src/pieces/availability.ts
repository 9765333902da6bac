import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { Bitfield } from './bitfield.ts';

/** How many of the known peers hold each piece. */
export class Availability {
  readonly #counts: Uint32Array;

  constructor(pieceCount: number) {
    this.#counts = new Uint32Array(pieceCount);
  }

  of(index: PieceIndex): number {
    return this.#counts[index] ?? 0;
  }

  addPiece(index: PieceIndex): void {
    this.#counts[index] = this.of(index) + 1;
  }

  removePiece(index: PieceIndex): void {
    this.#counts[index] = Math.max(0, this.of(index) - 1);
  }

  addPeer(have: Bitfield): void {
    for (const index of have.held()) this.addPiece(index);
  }

  removePeer(have: Bitfield): void {
    for (const index of have.held()) this.removePiece(index);
  }
}

import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { Bitfield } from './bitfield.ts';

/** Pieces from `start` up to, not including, `end`. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * How many peers hold each piece: those that are linked, by what they say on the link, and those elsewhere in the
 * swarm, by what they announce. A peer stands in one of the two. Linked peers of which a piece has verified are
 * counted once more by themselves: anybody can claim.
 */
export class Availability {
  readonly #proven: Uint32Array;
  /** Linked and elsewhere, but for those that hold everything elsewhere. */
  readonly #all: Uint32Array;
  #completeElsewhere = 0;

  constructor(pieceCount: number) {
    this.#proven = new Uint32Array(pieceCount);
    this.#all = new Uint32Array(pieceCount);
  }

  /** In the whole swarm, as they say. */
  of(index: PieceIndex): number {
    return (this.#all[index] ?? 0) + this.#completeElsewhere;
  }

  /** Among the linked peers that are proven. */
  proven(index: PieceIndex): number {
    return this.#proven[index] ?? 0;
  }

  addPiece(index: PieceIndex, proven: boolean): void {
    this.#all[index] = (this.#all[index] ?? 0) + 1;
    if (proven) this.#proven[index] = this.proven(index) + 1;
  }

  /** Only what was added. */
  removePiece(index: PieceIndex, proven: boolean): void {
    this.#all[index] = (this.#all[index] ?? 0) - 1;
    if (proven) this.#proven[index] = this.proven(index) - 1;
  }

  addPeer(have: Bitfield, proven: boolean): void {
    for (const index of have.held()) this.addPiece(index, proven);
  }

  removePeer(have: Bitfield, proven: boolean): void {
    for (const index of have.held()) this.removePiece(index, proven);
  }

  addCompleteElsewhere(): void {
    this.#completeElsewhere++;
  }

  removeCompleteElsewhere(): void {
    this.#completeElsewhere--;
  }

  addElsewhere({ start, end }: Range): void {
    for (let index = start; index < end; index++) this.#all[index] = (this.#all[index] ?? 0) + 1;
  }

  /** Only what was added. */
  removeElsewhere({ start, end }: Range): void {
    for (let index = start; index < end; index++) this.#all[index] = (this.#all[index] ?? 0) - 1;
  }
}

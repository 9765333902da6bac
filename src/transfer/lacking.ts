import type { PieceSummary } from '../holdings/holding.ts';
import type { PieceIndex } from '../metainfo/metainfo.ts';
import type { Availability } from '../pieces/availability.ts';
import type { PieceGoal } from '../pieces/piece-goal.ts';

/** What a peer that is not linked could give, by its announcement. */
export type Prospect =
  /** It has not said which pieces it has, or not all of them. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'holder';
      /** Pieces that we lack. */
      readonly lacking: number;
      /** Those of them that nobody holds who is linked and proven. */
      readonly unlinked: number;
    }
  /** It has nothing that we lack. It is fetching, so that may change. */
  | { readonly kind: 'nothing yet' };

type Goal = Pick<PieceGoal, 'lacks'>;

/**
 * What is still lacking, in a form that tells in a step or two how much of it lies in a range of pieces: a thousand
 * holders are compared many times.
 */
export class Lacking {
  readonly #goal: Goal;
  readonly #pieceCount: number;
  readonly #availability: Availability;
  /** How many below each piece are lacking, and how many of those nobody linked holds. */
  readonly #lackingBelow: Uint32Array;
  readonly #unlinkedBelow: Uint32Array;

  constructor(goal: Goal, pieceCount: number, availability: Availability) {
    this.#goal = goal;
    this.#pieceCount = pieceCount;
    this.#availability = availability;
    this.#lackingBelow = new Uint32Array(pieceCount + 1);
    this.#unlinkedBelow = new Uint32Array(pieceCount + 1);
  }

  /** To be called before `prospect`, when something may have changed. */
  update(): void {
    for (let at = 0; at < this.#pieceCount; at++) {
      const index = at as PieceIndex;
      const lacking = this.#goal.lacks(index) ? 1 : 0;
      const unlinked = lacking === 1 && this.#availability.proven(index) === 0 ? 1 : 0;
      this.#lackingBelow[at + 1] = below(this.#lackingBelow, at) + lacking;
      this.#unlinkedBelow[at + 1] = below(this.#unlinkedBelow, at) + unlinked;
    }
  }

  prospect(pieces: PieceSummary | undefined): Prospect {
    if (pieces === undefined) return { kind: 'unknown' };
    const ranges = pieces.kind === 'all' ? [{ start: 0, end: this.#pieceCount }] : pieces.ranges;
    let lacking = 0;
    let unlinked = 0;
    for (const { start, end } of ranges) {
      lacking += below(this.#lackingBelow, end) - below(this.#lackingBelow, start);
      unlinked += below(this.#unlinkedBelow, end) - below(this.#unlinkedBelow, start);
    }
    if (lacking > 0) return { kind: 'holder', lacking, unlinked };
    return pieces.kind === 'some' && pieces.more ? { kind: 'unknown' } : { kind: 'nothing yet' };
  }
}

function below(counts: Uint32Array, index: number): number {
  return counts[index] ?? 0;
}

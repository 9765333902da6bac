import type { PieceIndex } from '../metainfo/metainfo.ts';
import { type Random, randomInteger } from '../platform/random.ts';
import type { Availability } from './availability.ts';
import type { Bitfield } from './bitfield.ts';

export type PickOrder = 'rarest first' | 'in order';

export interface PickState {
  /** Pieces that are missing here and asked of nobody. */
  readonly unrequested: Bitfield;
  readonly availability: Availability;
  readonly order: PickOrder;
  /** Only pieces that no more than so many peers hold; for a peer that should be spared. */
  readonly maxHolders?: number;
}

/**
 * Up to `count` pieces to ask of a peer that holds `theirs`: the rarest first, ties at random, so that
 * fetchers that started together ask for different pieces and can serve each other (BEP 3, "rarest first").
 */
export function pickPieces(
  state: PickState,
  theirs: Pick<Bitfield, 'has'>,
  count: number,
  random: Random,
): PieceIndex[] {
  const { maxHolders = Number.POSITIVE_INFINITY } = state;
  const candidates: PieceIndex[] = [];
  for (const index of state.unrequested.held()) {
    if (theirs.has(index) && state.availability.of(index) <= maxHolders) candidates.push(index);
    if (state.order === 'in order' && candidates.length === count) return candidates;
  }
  return takeRarest(candidates, state.availability, count, random);
}

/** Takes from the rarest class at random, then from the next. */
function takeRarest(
  candidates: PieceIndex[],
  availability: Availability,
  count: number,
  random: Random,
): PieceIndex[] {
  const picked: PieceIndex[] = [];
  let rest = candidates;
  while (picked.length < count && rest.length > 0) {
    const rarest = rest.reduce(
      (least, index) => Math.min(least, availability.of(index)),
      Number.POSITIVE_INFINITY,
    );
    const pool = rest.filter((index) => availability.of(index) === rarest);
    rest = rest.filter((index) => availability.of(index) !== rarest);
    while (picked.length < count && pool.length > 0)
      picked.push(takeAt(pool, randomInteger(random, pool.length)));
  }
  return picked;
}

/** Removes in constant time; the order of the pool does not matter. */
function takeAt(pool: PieceIndex[], at: number): PieceIndex {
  const taken = pool[at] as PieceIndex;
  const last = pool.pop() as PieceIndex;
  if (at < pool.length) pool[at] = last;
  return taken;
}

/** A piece that somebody else has been asked for, as the endgame sees it. */
export interface PieceInFlight {
  readonly index: PieceIndex;
  /** How many peers it is asked of. */
  readonly askedOf: number;
  /** Milliseconds until it should be here, at the rate of the peer that it is asked of. */
  readonly expectedMs: number;
}

/**
 * Endgame: every missing piece is asked for, and this peer is idle. It is asked for the piece that would
 * arrive last, if it can plausibly bring it earlier: a slow or dead peer must not hold the end up, and a
 * piece that is nearly here must not be sent twice.
 */
export function pickEndgame(
  inFlight: Iterable<PieceInFlight>,
  theirs: Pick<Bitfield, 'has'>,
  ownExpectedMs: number,
): PieceIndex | undefined {
  let last: PieceInFlight | undefined;
  for (const piece of inFlight) {
    if (piece.askedOf > 1 || !theirs.has(piece.index)) continue;
    if (piece.expectedMs <= 2 * ownExpectedMs) continue;
    if (last === undefined || piece.expectedMs > last.expectedMs) last = piece;
  }
  return last?.index;
}

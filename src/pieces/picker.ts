import type { PieceIndex } from '../metainfo/metainfo.ts';
import { type Random, randomInteger, shuffle } from '../platform/random.ts';
import type { Availability } from './availability.ts';
import type { Bitfield } from './bitfield.ts';

/** `random`: each of the pieces with the same chance, however many hold it. */
export type PickOrder = 'rarest first' | 'in order' | 'random';

export interface PickState {
  /** Pieces that are missing here and asked of nobody. */
  readonly unrequested: Bitfield;
  readonly availability: Availability;
  readonly order: PickOrder;
  /** Only pieces that no more than so many proven peers hold; for a peer that should be spared. */
  readonly maxHolders?: number;
}

/**
 * Up to `count` pieces to ask of a peer that holds `theirs`. Best is the rarest first, ties at random, so that
 * fetchers that started together ask for different pieces and can serve each other (BEP 3, "rarest first").
 * Costs a pass or two over the bits and allocates nothing but the answer, however many pieces there are.
 */
export function pickPieces(
  state: PickState,
  theirs: Pick<Bitfield, 'bytes'>,
  count: number,
  random: Random,
): PieceIndex[] {
  if (count <= 0) return [];
  switch (state.order) {
    case 'in order':
      return pickInOrder(state, theirs, count);
    case 'rarest first':
      return pickRarest(state, theirs, count, random);
    case 'random':
      return pickAny(state, theirs, count, random);
  }
}

function pickInOrder(state: PickState, theirs: Pick<Bitfield, 'bytes'>, count: number): PieceIndex[] {
  const picked: PieceIndex[] = [];
  visitCandidates(state, theirs, (index) => {
    picked.push(index);
    return picked.length < count;
  });
  return picked;
}

/** Takes all of the rarest class, and of the next, until a class is larger than what is still wanted. */
function pickRarest(
  state: PickState,
  theirs: Pick<Bitfield, 'bytes'>,
  count: number,
  random: Random,
): PieceIndex[] {
  const picked: PieceIndex[] = [];
  for (let above = -1; picked.length < count; ) {
    const rarest = rarestClass(state, theirs, above);
    if (rarest.size === 0) break;
    picked.push(...shuffle(random, sampleClass(state, theirs, rarest, count - picked.length, random)));
    above = rarest.holders;
  }
  return picked;
}

/** One that is wanted is mostly found by trying; where few are left, all are looked at. */
function pickAny(
  state: PickState,
  theirs: Pick<Bitfield, 'bytes'>,
  count: number,
  random: Random,
): PieceIndex[] {
  const tried = count === 1 ? tryAny(state, theirs, random) : undefined;
  if (tried !== undefined) return [tried];
  const picked: PieceIndex[] = [];
  let seen = 0;
  visitCandidates(state, theirs, (index) => {
    // Reservoir sampling (Vitter's algorithm R, ACM TOMS 11, 1985).
    if (picked.length < count) picked.push(index);
    else {
      const place = randomInteger(random, seen + 1);
      if (place < count) picked[place] = index;
    }
    seen++;
    return true;
  });
  return shuffle(random, picked);
}

function tryAny(state: PickState, theirs: Pick<Bitfield, 'bytes'>, random: Random): PieceIndex | undefined {
  for (let tries = 0; tries < RANDOM_TRIES; tries++) {
    const index = randomInteger(random, state.unrequested.size) as PieceIndex;
    if (isCandidate(state, theirs, index)) return index;
  }
  return undefined;
}

/** Less work than to look at all of a few thousand pieces. */
const RANDOM_TRIES = 16;

function isCandidate(
  { unrequested, availability, maxHolders = Number.POSITIVE_INFINITY }: PickState,
  theirs: Pick<Bitfield, 'bytes'>,
  index: PieceIndex,
): boolean {
  const held = ((theirs.bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
  return held && unrequested.has(index) && availability.proven(index) <= maxHolders;
}

interface RarityClass {
  /** How many peers hold each piece of it. */
  readonly holders: number;
  readonly size: number;
}

/** The rarest candidates that more than `above` peers hold. */
function rarestClass(state: PickState, theirs: Pick<Bitfield, 'bytes'>, above: number): RarityClass {
  let holders = Number.POSITIVE_INFINITY;
  let size = 0;
  visitCandidates(state, theirs, (index) => {
    const held = state.availability.of(index);
    if (held <= above || held > holders) return true;
    if (held < holders) size = 0;
    holders = held;
    size++;
    return true;
  });
  return { holders, size };
}

/** At most `count` of the class, each with the same chance. */
function sampleClass(
  state: PickState,
  theirs: Pick<Bitfield, 'bytes'>,
  { holders, size }: RarityClass,
  count: number,
  random: Random,
): PieceIndex[] {
  const places = samplePlaces(size, count, random);
  const sample: PieceIndex[] = [];
  let place = 0;
  visitCandidates(state, theirs, (index) => {
    if (state.availability.of(index) === holders && places.has(place++)) sample.push(index);
    return sample.length < places.size;
  });
  return sample;
}

/** At most `count` different numbers below `size`. */
function samplePlaces(size: number, count: number, random: Random): ReadonlySet<number> {
  if (size <= count) return new Set(Array.from({ length: size }, (_, place) => place));
  // Floyd's way (Communications of the ACM 30, 1987): as many draws as places.
  const places = new Set<number>();
  for (let last = size - count; last < size; last++) {
    const drawn = randomInteger(random, last + 1);
    places.add(places.has(drawn) ? last : drawn);
  }
  return places;
}

/** Calls `visit` with each candidate, in order, as long as it returns true. */
function visitCandidates(
  { unrequested, availability, maxHolders = Number.POSITIVE_INFINITY }: PickState,
  theirs: Pick<Bitfield, 'bytes'>,
  visit: (index: PieceIndex) => boolean,
): void {
  for (let at = 0; at < unrequested.bytes.length; at++) {
    const common = (unrequested.bytes[at] ?? 0) & (theirs.bytes[at] ?? 0);
    for (let bit = 0; (common << bit) & 0xff; bit++) {
      if (((common << bit) & 0x80) === 0) continue;
      const index = (at * 8 + bit) as PieceIndex;
      if (availability.proven(index) <= maxHolders && !visit(index)) return;
    }
  }
}

/** A piece that somebody else has been asked for, as the endgame sees it. */
export interface PieceInFlight {
  readonly index: PieceIndex;
  /** How many peers it is asked of that are believed; at least one. */
  readonly askedOf: number;
  /** Milliseconds until the first of them should have brought it, at its rate. */
  readonly expectedMs: number;
}

/**
 * Endgame: every missing piece is asked for, and this peer is idle. It is asked for the piece that would
 * arrive last, if it can plausibly bring it earlier: a slow or dead peer must not hold the end up, and a
 * piece that is nearly here must not be sent twice. The more are asked for it already, the more must speak for one
 * more; but however many of them are liars, in the end somebody else is asked.
 */
export function pickEndgame(
  inFlight: Iterable<PieceInFlight>,
  theirs: Pick<Bitfield, 'has'>,
  ownExpectedMs: number,
): PieceIndex | undefined {
  let last: PieceInFlight | undefined;
  for (const piece of inFlight) {
    if (piece.expectedMs <= 2 * piece.askedOf * ownExpectedMs || !theirs.has(piece.index)) continue;
    if (last === undefined || piece.expectedMs > last.expectedMs) last = piece;
  }
  return last?.index;
}

/** A peer as far as it concerns whether it is asked for pieces. */
export interface Contender {
  /** Pieces are asked of it. */
  readonly asked: boolean;
  /** It could be asked for some. */
  readonly able: boolean;
  /** Bytes a second at which its pieces came; undefined before the first. */
  readonly rate: number | undefined;
}

/** Somebody else must promise to be so much faster that the change is worth its pause. */
const FASTER_FACTOR = 2;

/**
 * Each peer that is asked may have a piece half arrived, so where pieces are long only a few have a place. May this
 * one be asked for more? At full places the slowest gives way to who may be faster, or was never tried.
 */
export function hasPlace(own: Contender, all: readonly Contender[], places: number): boolean {
  const asked = all.filter((one) => one.asked);
  if (asked.length < places) return true;
  if (!own.asked) return false;
  const { rate } = own;
  if (rate === undefined || asked.some((one) => one.rate !== undefined && one.rate < rate)) return true;
  const waiting = all.filter((one) => one.able && !one.asked);
  return !waiting.some((one) => one.rate === undefined || one.rate > FASTER_FACTOR * rate);
}

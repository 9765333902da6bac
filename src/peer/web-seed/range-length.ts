import { WEB_SEED_RANGE_MAX_BYTES, WEB_SEED_RANGE_MIN_BYTES, WEB_SEED_RANGE_MS } from '../../limits.ts';

/**
 * How many bytes to ask a server for at once. What it gives is seen only when a range is whole: one that takes too long
 * looks like silence, and many short ones cost a round trip each.
 */
export class RangeLength {
  /** Bytes. */
  value = WEB_SEED_RANGE_MIN_BYTES;

  /** A range came. It at most doubles: the first bytes may have come out of somebody's cache. */
  took(bytes: number, ms: number): void {
    const fitting = (bytes / Math.max(ms, 1)) * WEB_SEED_RANGE_MS;
    const next = Math.min(fitting, 2 * this.value, WEB_SEED_RANGE_MAX_BYTES);
    // A short range at the end of a file tells little.
    if (next > this.value || bytes >= this.value / 2)
      this.value = Math.max(WEB_SEED_RANGE_MIN_BYTES, Math.floor(next));
  }
}

import { MAX_TRACKERS } from '../limits.ts';
import type { Random } from '../platform/random.ts';
import type { AnnounceAnswer } from '../wire/tracker/announce.ts';
import type { AnnounceOrder } from './announce-order.ts';
import { Tier } from './tier.ts';
import { TrackerRecord } from './tracker-record.ts';
import type { TrackerStatus } from './tracker-status.ts';

/**
 * Which tracker is told what, and when: a machine without sockets or timers. Times are milliseconds and handed in.
 *
 * One tracker of each tier is announced to, and all tiers at once. BEP 12 reads as one tracker in all; but on a LAN
 * a .torrent often names a tracker of the house beside public ones, in whatever tier, and each of them knows peers
 * that the others do not. A dead first tier then costs no time, either. Within a tier, whose trackers share their
 * peers, BEP 12 is kept: in random order, and the one that works goes to the front.
 */
export class Announcer {
  readonly #tiers: readonly Tier[];
  readonly #tierOf = new Map<TrackerRecord, Tier>();

  /** URLs as in the .torrent: said twice, the first counts; MAX_TRACKERS at most. */
  constructor(tiers: readonly (readonly string[])[], random: Random) {
    this.#tiers = distinct(tiers).map((urls) => {
      const trackers = urls.map((url) => new TrackerRecord(url));
      const tier = new Tier(trackers, random);
      for (const tracker of trackers) this.#tierOf.set(tracker, tier);
      return tier;
    });
  }

  /** When `due` has something to do next; infinite where nothing is to be done before something is told. */
  get nextAt(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#tiers.map(({ nextAt }) => nextAt));
  }

  /** Announcements to be made now, at most one a tier. The end of each is to be told by `succeeded` or `failed`. */
  due(now: number): readonly AnnounceOrder[] {
    return this.#tiers.flatMap((tier) => tier.due(now) ?? []);
  }

  succeeded(order: AnnounceOrder, answer: AnnounceAnswer, now: number): void {
    this.#tierOf.get(order.tracker)?.succeeded(order, answer, now);
  }

  /** `message` says why, as a sentence. For `retryAfterMs` the tracker wants to be left alone. */
  failed(order: AnnounceOrder, message: string, now: number, retryAfterMs = 0): void {
    this.#tierOf.get(order.tracker)?.failed(order, message, now, retryAfterMs);
  }

  /** The last piece has come; each tier is told once. */
  completed(now: number): void {
    for (const tier of this.#tiers) tier.completed(now);
  }

  announceNow(now: number): void {
    for (const tier of this.#tiers) tier.announceNow(now);
  }

  /** The last announcements. Nothing is due after that, if nobody asks. */
  stop(): readonly AnnounceOrder[] {
    return this.#tiers.flatMap((tier) => tier.stop());
  }

  /** All trackers, tier by tier, in the order they are tried. */
  status(): readonly TrackerStatus[] {
    return this.#tiers.flatMap((tier) => tier.status());
  }
}

function distinct(tiers: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const seen = new Set<string>();
  const kept = tiers.map((tier) =>
    tier.filter((url) => {
      if (seen.has(url) || seen.size === MAX_TRACKERS) return false;
      seen.add(url);
      return true;
    }),
  );
  return kept.filter((tier) => tier.length > 0);
}

import { TRACKER_INTERVAL_JITTER_RATIO } from '../limits.ts';
import { type Random, shuffle } from '../platform/random.ts';
import type { AnnounceAnswer, AnnounceEvent } from '../wire/tracker/announce.ts';
import type { AnnounceOrder } from './announce-order.ts';
import type { TrackerRecord } from './tracker-record.ts';
import type { TrackerStatus } from './tracker-status.ts';

type Phase =
  | { readonly at: 'waiting'; readonly until: number }
  | { readonly at: 'announcing'; readonly tracker: TrackerRecord };

/** Whether the content was completed while it was announced, and the tier knows. */
type Completion = 'none' | 'to tell' | 'told';

/** The trackers of one tier (BEP 12): one that works is enough, and is asked first the next time. */
export class Tier {
  readonly #trackers: TrackerRecord[];
  readonly #random: Random;
  #phase: Phase = { at: 'waiting', until: Number.NEGATIVE_INFINITY };
  #lastWorkedAt = Number.NEGATIVE_INFINITY;
  #completion: Completion = 'none';

  constructor(trackers: readonly TrackerRecord[], random: Random) {
    this.#trackers = shuffle(random, [...trackers]);
    this.#random = random;
  }

  /** When `due` may have something; infinite while an answer is awaited. */
  get nextAt(): number {
    return this.#phase.at === 'waiting' ? this.#phase.until : Number.POSITIVE_INFINITY;
  }

  /** The announcement to be made now, if any. Its end is to be told by `succeeded` or `failed`. */
  due(now: number): AnnounceOrder | undefined {
    if (this.nextAt > now) return undefined;
    const [tracker, ...others] = this.#trackers.filter(({ retryAt }) => retryAt <= now);
    if (tracker === undefined) {
      this.#phase = { at: 'waiting', until: this.#earliestRetry() };
      return undefined;
    }
    this.#phase = { at: 'announcing', tracker };
    return { tracker, event: this.#eventFor(tracker), patience: others.length > 0 ? 'short' : 'long' };
  }

  succeeded({ tracker, event }: AnnounceOrder, answer: AnnounceAnswer, now: number): void {
    tracker.worked(answer);
    tracker.hasStarted = true;
    if (event === 'completed') this.#completion = 'told';
    this.#moveToFront(tracker);
    this.#lastWorkedAt = now;
    const intervalMs = tracker.intervalMs * (1 + TRACKER_INTERVAL_JITTER_RATIO * this.#random.next());
    this.#phase = { at: 'waiting', until: this.#completion === 'to tell' ? now : now + intervalMs };
  }

  /** The next tracker of the tier is tried at once; with all of them failing, the one whose pause ends first. */
  failed({ tracker }: AnnounceOrder, message: string, now: number, retryAfterMs: number): void {
    tracker.failed(message, now, this.#random.next(), retryAfterMs);
    this.#phase = { at: 'waiting', until: now };
  }

  /** To be told at once, whatever the interval: it is an event. */
  completed(now: number): void {
    if (this.#completion === 'told') return;
    this.#completion = 'to tell';
    this.#wakeAt(now);
  }

  /** As soon as the tracker allows it. */
  announceNow(now: number): void {
    for (const tracker of this.#trackers) tracker.hurry();
    const [first] = this.#trackers;
    if (first?.works === true) this.#wakeAt(Math.max(now, this.#lastWorkedAt + first.minIntervalMs));
    else this.#wakeAt(Math.max(now, this.#earliestRetry()));
  }

  /**
   * `stopped` for each tracker that knows of us, or may: the one that has not answered yet. One that did not answer the
   * last time is not waited for again.
   */
  stop(): readonly AnnounceOrder[] {
    const asked = this.#phase.at === 'announcing' ? this.#phase.tracker : undefined;
    return this.#trackers
      .filter((tracker) => tracker === asked || (tracker.hasStarted && tracker.works))
      .map((tracker) => ({ tracker, event: 'stopped', patience: 'short' }));
  }

  status(): readonly TrackerStatus[] {
    return this.#trackers.map((tracker) => tracker.status(this.#nextAnnounceOf(tracker)));
  }

  #wakeAt(at: number): void {
    if (this.#phase.at === 'waiting') this.#phase = { at: 'waiting', until: Math.min(this.#phase.until, at) };
  }

  #eventFor(tracker: TrackerRecord): AnnounceEvent {
    if (!tracker.hasStarted) return 'started';
    return this.#completion === 'to tell' ? 'completed' : 'regular';
  }

  #moveToFront(tracker: TrackerRecord): void {
    this.#trackers.splice(this.#trackers.indexOf(tracker), 1);
    this.#trackers.unshift(tracker);
  }

  /** Of a tier that works only the first is asked again; of one that does not, each after its pause. */
  #nextAnnounceOf(tracker: TrackerRecord): number | undefined {
    const [first] = this.#trackers;
    if (this.#phase.at === 'announcing') return undefined;
    if (first?.works === true) return tracker === first ? this.#phase.until : undefined;
    return Number.isFinite(tracker.retryAt) ? tracker.retryAt : undefined;
  }

  #earliestRetry(): number {
    return Math.min(...this.#trackers.map(({ retryAt }) => retryAt));
  }
}

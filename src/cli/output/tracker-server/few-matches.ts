import { MATCHES_SHOWN_PER_SECOND } from '../../../limits.ts';
import type { Clock, Timer } from '../../../platform/clock.ts';
import type { TrackerFacts } from './tracker-view.ts';

const SECOND_MS = 1_000;

/** Where each match would be a line for ever: a few a second are shown, and the number of the others. */
export class FewMatches {
  readonly #clock: Clock;
  readonly #tracker: Pick<TrackerFacts, 'stats'>;
  readonly #tellOthers: (count: number) => void;
  /** In the second that the timer ends. */
  #shown = 0;
  #before = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, tracker: Pick<TrackerFacts, 'stats'>, tellOthers: (count: number) => void) {
    this.#clock = clock;
    this.#tracker = tracker;
    this.#tellOthers = tellOthers;
  }

  /** Whether this one, which has just come, is to be shown. */
  isShown(): boolean {
    if (this.#timer === undefined) {
      // This one is counted already.
      this.#before = this.#tracker.stats().matches - 1;
      this.#timer = this.#clock.setTimer(SECOND_MS, () => this.finish());
    }
    if (this.#shown === MATCHES_SHOWN_PER_SECOND) return false;
    this.#shown++;
    return true;
  }

  /** Ends the second that has begun. */
  finish(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    const others = this.#tracker.stats().matches - this.#before - this.#shown;
    this.#shown = 0;
    if (others > 0) this.#tellOthers(others);
  }
}

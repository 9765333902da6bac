import { MAX_TOLD_NAMES, TOLD_NAME_AGE_MS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';

interface ToldName {
  readonly name: string;
  readonly toldAt: number;
}

/**
 * What nodes call the contents that they hold. Nothing proves it: it is a label, for people who look at the tracker. The
 * first who tells it has it for a while; then it is asked for again, so that a false one does not stay for ever. Of too
 * many, those that were told longest ago are forgotten.
 */
export class ToldNames {
  readonly #clock: Clock;
  /** In the order they were told. */
  readonly #names = new Map<InfoHash, ToldName>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nameOf(infoHash: InfoHash): string | undefined {
    return this.#names.get(infoHash)?.name;
  }

  /** Unknown, or told long ago. */
  isToBeAsked(infoHash: InfoHash): boolean {
    const told = this.#names.get(infoHash);
    return told === undefined || this.#clock.now() - told.toldAt >= TOLD_NAME_AGE_MS;
  }

  tell(infoHash: InfoHash, name: string): void {
    if (!this.isToBeAsked(infoHash)) return;
    this.#names.delete(infoHash);
    this.#names.set(infoHash, { name, toldAt: this.#clock.now() });
    const [oldest] = this.#names.keys();
    if (this.#names.size > MAX_TOLD_NAMES && oldest !== undefined) this.#names.delete(oldest);
  }
}

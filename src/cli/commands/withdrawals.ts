import type { LanshareError } from '../../errors.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { NodeEvent } from '../../node/api.ts';
import { aborted } from '../aborted.ts';

/** Remembers which contents are no longer offered, and notices when none is left. */
export class Withdrawals {
  readonly #faults = new Map<InfoHash, LanshareError>();
  readonly #changed = new EventTarget();

  note(event: NodeEvent): void {
    if (event.event !== 'withdrawn') return;
    this.#faults.set(event.infoHash, event.error);
    this.#changed.dispatchEvent(new Event('change'));
  }

  /** The first fault, if there was one. */
  get fault(): LanshareError | undefined {
    return [...this.#faults.values()][0];
  }

  /** Resolves with the fault when none of the contents is offered any more, with undefined when the signal aborts. */
  async untilNothingIsLeft(
    contents: readonly InfoHash[],
    signal: AbortSignal,
  ): Promise<LanshareError | undefined> {
    const empty = new AbortController();
    const check = (): void => {
      if (contents.every((infoHash) => this.#faults.has(infoHash))) empty.abort();
    };
    this.#changed.addEventListener('change', check);
    check();
    await aborted(AbortSignal.any([signal, empty.signal]));
    this.#changed.removeEventListener('change', check);
    return empty.signal.aborted ? this.fault : undefined;
  }
}

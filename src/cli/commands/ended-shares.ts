import type { LanshareError } from '../../errors.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import type { NodeEvent } from '../../node/api.ts';
import { aborted } from '../aborted.ts';

type End =
  /** It changed on disk, and is no longer offered. */
  | { readonly kind: 'withdrawn'; readonly fault: LanshareError }
  /** Its goal was reached. */
  | { readonly kind: 'seeded' };

/** Remembers which contents are no longer offered and why, and notices when none is left. */
export class EndedShares {
  readonly #ends = new Map<InfoHash, End>();
  readonly #changed = new EventTarget();

  note(event: NodeEvent): void {
    if (event.event === 'withdrawn') this.#end(event.infoHash, { kind: 'withdrawn', fault: event.error });
    if (event.event === 'seeded') this.#end(event.infoHash, { kind: 'seeded' });
  }

  /** The first fault, if there was one. */
  get fault(): LanshareError | undefined {
    for (const end of this.#ends.values()) if (end.kind === 'withdrawn') return end.fault;
    return undefined;
  }

  /**
   * Waits until none of the contents is offered any more, or the signal aborts. Resolves with the fault where not one of
   * them came to an end of its own.
   */
  async untilNothingIsLeft(
    contents: readonly InfoHash[],
    signal: AbortSignal,
  ): Promise<LanshareError | undefined> {
    const empty = new AbortController();
    const check = (): void => {
      if (contents.every((infoHash) => this.#ends.has(infoHash))) empty.abort();
    };
    this.#changed.addEventListener('change', check);
    check();
    await aborted(AbortSignal.any([signal, empty.signal]));
    this.#changed.removeEventListener('change', check);
    const allWithdrawn = contents.every((infoHash) => this.#ends.get(infoHash)?.kind === 'withdrawn');
    return allWithdrawn ? this.fault : undefined;
  }

  #end(infoHash: InfoHash, end: End): void {
    this.#ends.set(infoHash, end);
    this.#changed.dispatchEvent(new Event('change'));
  }
}

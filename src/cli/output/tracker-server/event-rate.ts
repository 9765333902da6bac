const WINDOW_MS = 3_000;

/** How many times a second something happens, over the last few seconds, from a count that only grows. */
export class EventRate {
  readonly #samples: { readonly count: number; readonly at: number }[] = [];

  /** To be called regularly. A whole number, with one decimal below ten. */
  measure(count: number, now: number): number {
    const samples = this.#samples;
    samples.push({ count, at: now });
    while (samples.length > 2 && now - (samples[1]?.at ?? now) >= WINDOW_MS) samples.shift();
    const first = samples[0];
    if (first === undefined || first.at === now) return 0;
    const rate = ((count - first.count) * 1_000) / (now - first.at);
    return Number(rate.toFixed(rate < 10 ? 1 : 0));
  }
}

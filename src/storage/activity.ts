/** Counts what is under way in a store, so that closing can wait for its end. */
export class Activity {
  #count = 0;
  #ended: (() => void)[] = [];

  enter(): void {
    this.#count++;
  }

  leave(): void {
    this.#count--;
    if (this.#count > 0) return;
    for (const resolve of this.#ended.splice(0)) resolve();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => this.#ended.push(resolve));
  }
}

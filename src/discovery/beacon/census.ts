import type { PeerId } from '../../holdings/holding.ts';
import { MAX_PEERS_KNOWN } from '../../limits.ts';

/** Counts the nodes that announce something, as RFC 3550 section 6.2.1 counts members. */
export class Census {
  /** Until when each counts, in the order they were last heard. */
  readonly #until = new Map<PeerId, number>();

  hear(peerId: PeerId, untilMs: number): void {
    this.#until.delete(peerId);
    this.#until.set(peerId, untilMs);
    if (this.#until.size <= MAX_PEERS_KNOWN) return;
    const [oldest] = this.#until.keys();
    if (oldest !== undefined) this.#until.delete(oldest);
  }

  leave(peerId: PeerId): void {
    this.#until.delete(peerId);
  }

  count(now: number): number {
    for (const [peerId, until] of this.#until) if (until <= now) this.#until.delete(peerId);
    return this.#until.size;
  }
}

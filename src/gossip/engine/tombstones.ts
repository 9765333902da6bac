import type { PeerId } from '../../holdings/holding.ts';
import { shortIdOf } from '../gossip-message.ts';
import type { Context } from './context.ts';
import type { Signed } from './signed.ts';

/** Who has said goodbye: final, as a peer id is that of one process. */
export class Tombstones {
  readonly #context: Context;
  /** By short id, in the order they were set. */
  readonly #stones = new Map<string, { readonly leave: Signed<'leave'>; readonly until: number }>();

  constructor(context: Context) {
    this.#context = context;
  }

  has(peerId: PeerId): boolean {
    return this.byShortId(shortIdOf(peerId))?.statement.peerId === peerId;
  }

  byShortId(shortId: string): Signed<'leave'> | undefined {
    const stone = this.#stones.get(shortId);
    return stone !== undefined && stone.until > this.#context.now ? stone.leave : undefined;
  }

  set(leave: Signed<'leave'>): void {
    const { limits, now } = this.#context;
    this.#stones.set(shortIdOf(leave.statement.peerId), { leave, until: now + limits.tombstoneMs });
    for (const [shortId, { until }] of this.#stones) {
      if (until > now && this.#stones.size <= limits.peers) return;
      this.#stones.delete(shortId);
    }
  }
}

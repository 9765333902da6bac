import { GOSSIP_SWEEP_BATCH_MS, GOSSIP_SWEEP_BATCH_PEERS } from '../../limits.ts';
import type { Context } from './context.ts';
import type { Liveness } from './liveness.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';

/** Pings everybody once, not all at the same time: who does not know us at our new address says so. */
export class Sweep {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #liveness: Liveness;
  #left: Peer[] = [];

  constructor(context: Context, peers: Peers, liveness: Liveness) {
    this.#context = context;
    this.#peers = peers;
    this.#liveness = liveness;
  }

  begin(): void {
    const isUnderWay = this.#left.length > 0;
    this.#left = [...this.#peers.pool.items];
    if (!isUnderWay) this.#batch();
  }

  #batch(): void {
    for (const peer of this.#left.splice(-GOSSIP_SWEEP_BATCH_PEERS))
      if (this.#peers.isKnown(peer)) this.#liveness.knock(peer);
    if (this.#left.length > 0) this.#context.agenda.in(GOSSIP_SWEEP_BATCH_MS, () => this.#batch());
  }
}

import { GOSSIP_VOUCH_MS, MAX_GOSSIP_ASKS_PER_PEER } from '../../limits.ts';
import type { GossipItem } from '../gossip-message.ts';
import type { Context } from './context.ts';
import type { MembershipListener } from './membership.ts';
import type { Outbox } from './outbox.ts';
import type { Peer, Session } from './peer.ts';
import type { Peers } from './peers.ts';

interface Ask {
  readonly asker: Session;
  readonly sequence: number;
  readonly until: number;
}

/** Tries to reach a peer for somebody who cannot, and says so if it answers (SWIM section 3.1, ping-req). */
export class Vouching implements MembershipListener {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #outbox: Outbox;
  readonly #asks = new Map<Peer, Ask[]>();

  constructor(context: Context, peers: Peers, outbox: Outbox) {
    this.#context = context;
    this.#peers = peers;
    this.#outbox = outbox;
  }

  onAsk({ sequence, target }: Extract<GossipItem, { kind: 'ask' }>, asker: Session): void {
    const peer = this.#peers.get(target);
    if (peer === undefined) return;
    const { now } = this.#context;
    const asks = this.#asks.get(peer)?.filter(({ until }) => until > now) ?? [];
    if (asks.length >= MAX_GOSSIP_ASKS_PER_PEER) return;
    this.#asks.set(peer, [...asks, { asker, sequence, until: now + GOSSIP_VOUCH_MS }]);
    this.#outbox.send(peer, { kind: 'ping', sequence });
  }

  /** It has answered us. */
  alive(peer: Peer): void {
    const asks = this.#asks.get(peer);
    if (asks === undefined) return;
    this.#asks.delete(peer);
    for (const { asker, sequence, until } of asks)
      if (until > this.#context.now)
        this.#outbox.answer(asker, { kind: 'vouch', sequence, target: peer.peerId });
  }

  gone(peer: Peer): void {
    this.#asks.delete(peer);
  }
}

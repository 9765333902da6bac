import { packItems } from '../codec/encode-gossip.ts';
import type { GossipItem } from '../gossip-message.ts';
import type { Context } from './context.ts';
import type { Peer, Session } from './peer.ts';

/** What is to be said to whom; all of one step goes out in as few datagrams as it takes. */
export class Outbox {
  readonly #context: Context;
  readonly #items = new Map<Session, GossipItem[]>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** At the address that is used with this peer. */
  send(peer: Peer, ...items: readonly GossipItem[]): void {
    const [session] = peer.sessions;
    if (session !== undefined) this.answer(session, ...items);
  }

  answer(session: Session, ...items: readonly GossipItem[]): void {
    const waiting = this.#items.get(session);
    if (waiting === undefined) this.#items.set(session, [...items]);
    else waiting.push(...items);
  }

  flush(): void {
    for (const [{ endpoint, theirs }, items] of this.#items)
      for (const bytes of packItems({ sender: this.#context.ownId, cookie: theirs }, items))
        this.#context.emit({ kind: 'send', bytes, to: endpoint });
    this.#items.clear();
  }
}

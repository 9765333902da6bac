import type { GossipEvent } from '../gossip-events.ts';
import type { GossipItem } from '../gossip-message.ts';
import type { Context } from './context.ts';
import type { MembershipListener } from './membership.ts';
import type { Outbox } from './outbox.ts';
import type { Peer, Session } from './peer.ts';
import type { Peers } from './peers.ts';

type Item<Kind extends GossipItem['kind']> = Extract<GossipItem, { kind: Kind }>;

/** We want to know whether our port can be reached: who was asked, and until when it matters. */
interface Wish {
  readonly sequence: number;
  readonly port: number;
  readonly until: number;
  readonly asked: Set<Peer>;
}

/** "Dial me": asked of a few members, and done for others, a few times a second at most. */
export class Examinations implements MembershipListener {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #outbox: Outbox;
  /** Who asks us to dial, and where the answer goes. */
  readonly #askers = new Map<Peer, { readonly session: Session; readonly at: number }>();
  #wish: Wish | undefined;
  #sequence = 0;

  constructor(context: Context, peers: Peers, outbox: Outbox) {
    this.#context = context;
    this.#peers = peers;
    this.#outbox = outbox;
  }

  /** Asks some of those we know, and while it matters those we get to know. */
  ask(port: number): void {
    const { now, limits, random } = this.#context;
    const until = now + limits.examinationTimeoutMs;
    this.#wish = { sequence: ++this.#sequence, port, until, asked: new Set() };
    for (const peer of this.#peers.pool.sample(random, limits.helpers, ({ doubt }) => doubt === undefined))
      this.#ask(peer);
  }

  /** Somebody new: asks it, too, while the answer matters. */
  greet(peer: Peer): void {
    this.#ask(peer);
  }

  onExamine({ sequence, port }: Item<'examine'>, session: Session): void {
    const { now, limits } = this.#context;
    const last = this.#askers.get(session.peer);
    if (last !== undefined && now < last.at + limits.examineIntervalMs) return;
    this.#askers.set(session.peer, { session, at: now });
    const node = { host: session.endpoint.host, port };
    this.#context.emit({ kind: 'examine', asker: session.peer.peerId, sequence, node });
  }

  /** The dialling for somebody else is done. */
  done({ asker, sequence, outcome, wallTime }: Extract<GossipEvent, { kind: 'examined' }>): void {
    const peer = this.#peers.get(asker);
    const session = peer === undefined ? undefined : this.#askers.get(peer)?.session;
    if (session !== undefined)
      this.#outbox.answer(session, { kind: 'examined', sequence, outcome, wallTime });
  }

  onExamined({ sequence, outcome, wallTime }: Item<'examined'>, { peer, endpoint }: Session): void {
    if (this.#wish?.sequence !== sequence || !this.#wish.asked.delete(peer)) return;
    this.#context.emit({ kind: 'examination', by: peer.peerId, node: endpoint, outcome, wallTime });
  }

  gone(peer: Peer): void {
    this.#askers.delete(peer);
    this.#wish?.asked.delete(peer);
  }

  #ask(peer: Peer): void {
    const wish = this.#wish;
    if (wish === undefined || wish.until < this.#context.now) return;
    if (wish.asked.size >= this.#context.limits.helpers) return;
    wish.asked.add(peer);
    this.#outbox.send(peer, { kind: 'examine', sequence: wish.sequence, port: wish.port });
  }
}

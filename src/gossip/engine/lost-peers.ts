import type { PeerId } from '../../holdings/holding.ts';
import { GOSSIP_LOST_RETRY_MAX_MS, GOSSIP_LOST_RETRY_MIN_MS } from '../../limits.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { shortIdOf } from '../gossip-message.ts';
import type { Context } from './context.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Probing } from './probing.ts';
import type { Signed } from './signed.ts';

interface LostPeer {
  readonly peerId: PeerId;
  readonly summary: Signed<'summary'> | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly since: number;
  triedAt: number;
}

/** Looked at a round, to find one that is due. */
const LOOKED_AT = 8;

/** Members that went silent. They are probed now and then, so that the two halves of a network find each other. */
export class LostPeers {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #probing: Probing;
  /** By short id; the one tried longest ago stands first. */
  readonly #lost = new Map<string, LostPeer>();

  constructor(context: Context, peers: Peers, probing: Probing) {
    this.#context = context;
    this.#peers = peers;
    this.#probing = probing;
  }

  get count(): number {
    return this.#lost.size;
  }

  add(peer: Peer, endpoints: readonly Endpoint[]): void {
    const { now, limits } = this.#context;
    const { peerId, summary, shortId } = peer;
    this.#lost.set(shortId, { peerId, summary, endpoints, since: now, triedAt: now });
    if (this.#lost.size <= limits.peers) return;
    const [oldest] = this.#lost.keys();
    if (oldest !== undefined) this.#lost.delete(oldest);
  }

  /** It is back: what it had said. */
  take(peerId: PeerId): Signed<'summary'> | undefined {
    const lost = this.#get(peerId);
    if (lost === undefined) return undefined;
    this.#lost.delete(shortIdOf(peerId));
    return lost.summary;
  }

  forget(peerId: PeerId): void {
    if (this.#get(peerId) !== undefined) this.#lost.delete(shortIdOf(peerId));
  }

  idOf(shortId: string): PeerId | undefined {
    return this.#lost.get(shortId)?.peerId;
  }

  /** Somebody says that it is there: looks for it, at most once a second. */
  look(shortId: string, hint?: Endpoint): void {
    const lost = this.#lost.get(shortId);
    if (lost === undefined || this.#context.now < lost.triedAt + GOSSIP_LOST_RETRY_MIN_MS) return;
    this.#try(shortId, lost);
    if (hint !== undefined) this.#probing.probe(hint, 'lost');
  }

  /** One a round. */
  tryNext(): void {
    const { now, limits } = this.#context;
    let looked = 0;
    for (const [shortId, lost] of this.#lost) {
      if (looked++ >= LOOKED_AT) return;
      if (now > lost.since + limits.lostMemoryMs || this.#isReplaced(lost)) this.#lost.delete(shortId);
      else if (now >= lost.triedAt + retryMs(now - lost.since)) return this.#try(shortId, lost);
    }
  }

  /** On other networks it may answer at once. */
  tryAllSoon(): void {
    for (const lost of this.#lost.values()) lost.triedAt = Number.NEGATIVE_INFINITY;
  }

  #get(peerId: PeerId): LostPeer | undefined {
    const lost = this.#lost.get(shortIdOf(peerId));
    return lost?.peerId === peerId ? lost : undefined;
  }

  /** Other processes answer at all of its addresses. */
  #isReplaced({ endpoints }: LostPeer): boolean {
    return endpoints.every((endpoint) => this.#peers.at(endpoint) !== undefined);
  }

  #try(shortId: string, lost: LostPeer): void {
    lost.triedAt = this.#context.now;
    this.#lost.delete(shortId);
    this.#lost.set(shortId, lost);
    for (const endpoint of lost.endpoints)
      if (this.#peers.at(endpoint) === undefined) this.#probing.probe(endpoint, 'lost');
  }
}

/** Frequent at first: after a partition of 20 s, at most 2 s between two tries. */
function retryMs(lostForMs: number): number {
  return Math.min(GOSSIP_LOST_RETRY_MAX_MS, Math.max(GOSSIP_LOST_RETRY_MIN_MS, lostForMs / 10));
}

import type { PeerId } from '../../holdings/holding.ts';
import { GOSSIP_WAITING_MS, MAX_GOSSIP_HINTS_PER_PEER } from '../../limits.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Context } from './context.ts';
import type { Peer } from './peer.ts';
import type { Signed } from './signed.ts';

interface WaitingPeer {
  readonly introducer: Peer;
  readonly since: number;
  summary: Signed<'summary'> | undefined;
  readonly hints: Map<string, Endpoint>;
}

/** Peers that members have told of and that have not proven themselves to us: nothing is passed on about them. */
export class WaitingPeers {
  readonly #context: Context;
  readonly #waiting = new Map<PeerId, WaitingPeer>();
  /** How many each member has told of. */
  readonly #introduced = new Map<Peer, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** The newest version that waits; -1 without any. */
  version(peerId: PeerId): number {
    return this.#waiting.get(peerId)?.summary?.statement.version ?? -1;
  }

  isWaiting(peerId: PeerId): boolean {
    return this.#waiting.has(peerId);
  }

  /** False where its member has told of too many already. */
  add(peerId: PeerId, summary: Signed<'summary'> | undefined, introducer: Peer): boolean {
    const known = this.#waiting.get(peerId);
    if (known !== undefined) {
      known.summary = summary ?? known.summary;
      return true;
    }
    const { limits } = this.#context;
    const introduced = this.#introduced.get(introducer) ?? 0;
    if (introduced >= limits.waitingPerMember) return false;
    this.#introduced.set(introducer, introduced + 1);
    this.#waiting.set(peerId, { introducer, since: this.#context.now, summary, hints: new Map() });
    if (this.#waiting.size > limits.peers) this.#forgetOldest();
    return true;
  }

  /** Whether the address is a new hint, and worth a probe. */
  hint(peerId: PeerId, endpoint: Endpoint): boolean {
    const hints = this.#waiting.get(peerId)?.hints;
    const key = formatEndpoint(endpoint);
    if (hints === undefined || (hints.size >= MAX_GOSSIP_HINTS_PER_PEER && !hints.has(key))) return false;
    hints.set(key, endpoint);
    return true;
  }

  /** It has proven itself, or has left: what was heard of it. */
  take(peerId: PeerId): Signed<'summary'> | undefined {
    const waiting = this.#waiting.get(peerId);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(peerId);
    const introduced = (this.#introduced.get(waiting.introducer) ?? 1) - 1;
    if (introduced === 0) this.#introduced.delete(waiting.introducer);
    else this.#introduced.set(waiting.introducer, introduced);
    return waiting.summary;
  }

  /** Forgets those that have not answered. */
  round(): void {
    for (const [peerId, { since }] of this.#waiting) {
      if (this.#context.now < since + GOSSIP_WAITING_MS) return;
      this.take(peerId);
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.take(oldest);
  }
}

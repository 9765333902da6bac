import type { PeerId } from '../holdings/holding.ts';
import { MAX_PEERS_KNOWN } from '../limits.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import type { HeardNode } from './discovery.ts';

/** Whose datagrams come in, ours among them: what tells a silent network from one where nobody has what we want. */
export class HeardNodes {
  /** In the order they were last heard. */
  readonly #others = new Map<PeerId, Endpoint>();
  readonly #ownAddresses = new Set<string>();

  hear(peerId: PeerId, endpoint: Endpoint): void {
    this.#others.delete(peerId);
    this.#others.set(peerId, endpoint);
    if (this.#others.size <= MAX_PEERS_KNOWN) return;
    const [oldest] = this.#others.keys();
    if (oldest !== undefined) this.#others.delete(oldest);
  }

  /** A datagram of ours came back, from this address. */
  hearOwn(address: string): void {
    // Who forges our peer id must not fill the memory.
    if (this.#ownAddresses.size < MAX_OWN_ADDRESSES) this.#ownAddresses.add(address);
  }

  leave(peerId: PeerId): void {
    this.#others.delete(peerId);
  }

  get others(): readonly HeardNode[] {
    return [...this.#others].map(([peerId, endpoint]) => ({ peerId, endpoint }));
  }

  get ownAddresses(): readonly string[] {
    return [...this.#ownAddresses];
  }
}

const MAX_OWN_ADDRESSES = 256;

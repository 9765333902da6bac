import { systemErrorCode } from '../../errors.ts';
import { MAX_ADDRESSES_PER_NAME, RESOLVE_INTERVAL_MS } from '../../limits.ts';
import { type Clock, repeat, type Timer } from '../../platform/clock.ts';
import type { DatagramNetwork } from '../../platform/datagram.ts';
import { canonicalAddress, type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';

/** The peers given with --peer: their names are looked up, and again, as names move. */
export class GivenPeers {
  readonly #peers: readonly Endpoint[];
  readonly #datagrams: DatagramNetwork;
  readonly #onFound: (endpoints: readonly Endpoint[]) => void;
  readonly #found = new Map<Endpoint, readonly Endpoint[]>();
  readonly #problems = new Map<Endpoint, string>();
  readonly #timer: Timer | undefined;
  #closed = false;

  /** `onFound` is called for each peer as soon as its addresses are known, and when they change. */
  constructor(
    peers: readonly Endpoint[],
    datagrams: DatagramNetwork,
    clock: Clock,
    onFound: (endpoints: readonly Endpoint[]) => void,
  ) {
    this.#peers = peers;
    this.#datagrams = datagrams;
    this.#onFound = onFound;
    if (peers.length === 0) return;
    this.#lookUpAll();
    this.#timer = repeat(clock, RESOLVE_INTERVAL_MS, () => this.#lookUpAll());
  }

  endpoints(): readonly Endpoint[] {
    return [...this.#found.values()].flat();
  }

  includes(host: string): boolean {
    return this.endpoints().some((endpoint) => endpoint.host === host);
  }

  problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #lookUpAll(): void {
    for (const peer of this.#peers) void this.#lookUp(peer);
  }

  async #lookUp(peer: Endpoint): Promise<void> {
    try {
      const hosts = await this.#datagrams.resolve(peer.host);
      if (this.#closed) return;
      this.#problems.delete(peer);
      this.#use(
        peer,
        hosts
          .slice(0, MAX_ADDRESSES_PER_NAME)
          .map((host) => ({ host: canonicalAddress(host), port: peer.port })),
      );
    } catch (error) {
      const reason = systemErrorCode(error) ?? String(error);
      this.#problems.set(peer, `cannot find the address of ${formatEndpoint(peer)}: ${reason}`);
    }
  }

  #use(peer: Endpoint, endpoints: readonly Endpoint[]): void {
    const before = this.#found.get(peer) ?? [];
    this.#found.set(peer, endpoints);
    const isNew = endpoints.some(({ host }) => !before.some((known) => known.host === host));
    if (isNew) this.#onFound(endpoints);
  }
}

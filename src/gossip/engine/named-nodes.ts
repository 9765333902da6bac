import { GOSSIP_NAMED_INTERVAL_MS, MAX_GOSSIP_NAMED_NODES } from '../../limits.ts';
import { type Endpoint, formatEndpoint } from '../../platform/endpoint.ts';
import type { Context } from './context.ts';
import type { Peers } from './peers.ts';
import type { Probing } from './probing.ts';

/** Addresses that the user named: probed every second as long as nobody answers there, also later on. */
export class NamedNodes {
  readonly #context: Context;
  readonly #peers: Peers;
  readonly #probing: Probing;
  readonly #nodes = new Map<string, Endpoint>();
  #running = false;

  constructor(context: Context, peers: Peers, probing: Probing) {
    this.#context = context;
    this.#peers = peers;
    this.#probing = probing;
  }

  add(node: Endpoint): void {
    if (this.#nodes.size >= MAX_GOSSIP_NAMED_NODES) return;
    this.#nodes.set(formatEndpoint(node), node);
    this.#probe(node);
    if (this.#running) return;
    this.#running = true;
    this.#context.agenda.in(GOSSIP_NAMED_INTERVAL_MS, () => this.#again());
  }

  #again(): void {
    for (const node of this.#nodes.values()) this.#probe(node);
    this.#context.agenda.in(GOSSIP_NAMED_INTERVAL_MS, () => this.#again());
  }

  #probe(node: Endpoint): void {
    if (this.#peers.at(node) === undefined) this.#probing.probe(node, 'named');
  }
}

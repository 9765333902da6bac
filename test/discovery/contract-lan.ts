import { expect } from 'vitest';
import type { Discovery, Query, Sighting } from '../../src/discovery/discovery.ts';
import type { PeerId } from '../../src/holdings/holding.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { DiscoveryLan, type DiscoveryNode, PORT, type Setting } from './discovery-lan.ts';

/** How to make the discovery under test. */
export interface DiscoveryMaker {
  open(setting: Setting & { readonly interfaces?: readonly string[] }): Promise<Discovery>;
  /** Where a host with this IPv4 address is listening. */
  listeningAt(address: string): readonly Endpoint[];
  /** The port that others speak from. */
  readonly strangerPort: number;
}

/** For a discovery to open, wherever it opens in the background. */
export const OPENING_MS = 1_000;
/** What is announced waits a moment for more; then it is out. */
export const ANNOUNCED_MS = 30;
/** Answers to a question; well below the interval of announcements, which would come without a question. */
export const ANSWERED_MS = 300;
/** Long before a record ends by itself. */
export const SOON_MS = 3_000;
/** New pieces are announced seldom. */
export const PIECES_MS = 15_000;

export const NAME: Query = { kind: 'name', name: 'movie.txt' };
export const EVERYTHING: Query = { kind: 'everything' };

/** A LAN with nodes of the discovery under test. */
export class ContractLan extends DiscoveryLan {
  readonly #maker: DiscoveryMaker;

  constructor(maker: DiscoveryMaker, seed: number) {
    super(seed);
    this.#maker = maker;
  }

  /** May not be open yet. */
  node(host = this.host(), port = PORT): Promise<DiscoveryNode> {
    return this.open((setting) => this.#maker.open(setting), host, port);
  }

  /** One who holds content 1, and one who hears of it. */
  async pair(): Promise<{ readonly sharer: DiscoveryNode; readonly other: DiscoveryNode }> {
    const sharer = await this.node();
    const other = await this.node();
    sharer.hold({});
    await this.soon(() => other.table.contents().length === 1);
    return { sharer, other };
  }

  async soon(holds: () => boolean, withinMs = SOON_MS): Promise<void> {
    expect(await this.clock.advanceUntil(holds, withinMs), `within ${withinMs} ms`).toBe(true);
  }

  /** How many datagrams go out in this time. */
  async sentWithin(ms: number): Promise<number> {
    const before = this.lan.sent.length;
    await this.clock.advance(ms);
    return this.lan.sent.length - before;
  }
}

/** Whom the sighting is about. */
export function speaker(sighting: Sighting): PeerId {
  if (sighting.kind === 'located') throw new Error('nobody has said a name');
  return sighting.kind === 'holding' ? sighting.holding.peerId : sighting.peerId;
}

import type { Sighting } from '../../holdings/sighting.ts';
import { GOSSIP_ALIVE_INTERVAL_MS, GOSSIP_ALIVE_TTL_MS } from '../../limits.ts';
import type { InfoHash } from '../../metainfo/metainfo.ts';
import { mayMatch } from '../codec/content-filter.ts';
import type { Context } from './context.ts';
import { sameBytes } from './cookies.ts';
import type { MembershipListener } from './membership.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Signed } from './signed.ts';

/** Tells the holdings table what gossip knows: who is alive, who holds which pieces, who is gone. */
export class Sightings implements MembershipListener {
  readonly #context: Context;
  readonly #peers: Peers;
  #at = 0;

  constructor(context: Context, peers: Peers) {
    this.#context = context;
    this.#peers = peers;
  }

  /** Says again that some of the members are alive, so that each has its turn in time. */
  round(): void {
    const { items } = this.#peers.pool;
    const turns = Math.max(1, GOSSIP_ALIVE_INTERVAL_MS / this.#context.limits.roundMs);
    const count = Math.ceil(items.length / turns);
    for (let told = 0; told < count; told++) {
      this.#at = this.#at + 1 < items.length ? this.#at + 1 : 0;
      const peer = items[this.#at];
      if (peer !== undefined && peer.doubt?.stage !== 'suspect') this.#alive(peer);
    }
  }

  /** It has proven itself again, perhaps elsewhere. */
  proven(peer: Peer): void {
    this.#alive(peer);
  }

  summarized(peer: Peer, before: Signed<'summary'> | undefined): void {
    this.#alive(peer);
    const filter = peer.summary?.statement.filter;
    if (before !== undefined && filter !== undefined) this.#givenUp(peer, before.statement.filter, filter);
    for (const [infoHash, index] of peer.indexes ?? []) {
      const query = { kind: 'infoHash', infoHash } as const;
      if (filter !== undefined && index.claim !== undefined && !mayMatch(filter, query))
        this.#withdrawn(peer, infoHash, index.version);
      else if (before?.statement.port !== peer.summary?.statement.port) this.indexed(peer, infoHash);
    }
  }

  /** The peer has said something new about this content. */
  indexed(peer: Peer, infoHash: InfoHash): void {
    const index = peer.indexes?.get(infoHash);
    const port = peer.summary?.statement.port;
    const host = peer.sessions[0]?.endpoint.host;
    if (index === undefined || port === undefined || host === undefined) return;
    const { claim, version } = index;
    if (claim === undefined) return this.#withdrawn(peer, infoHash, version);
    const { peerId, name, length, pieceCount } = claim;
    const pieces = index.pieces(pieceCount);
    const holding = { peerId, port, infoHash, name, length, pieceCount, pieces, version };
    this.#tell({ kind: 'holding', holding, host, path: 'gossip', lifetimeMs: GOSSIP_ALIVE_TTL_MS });
  }

  gone(peer: Peer): void {
    if (peer.summary !== undefined) this.#tell({ kind: 'gone', peerId: peer.peerId, path: 'gossip' });
  }

  #alive({ peerId, sessions, summary }: Peer): void {
    const host = sessions[0]?.endpoint.host;
    const port = summary?.statement.port;
    if (host !== undefined && port !== undefined)
      this.#tell({ kind: 'alive', peerId, host, port, path: 'gossip', lifetimeMs: GOSSIP_ALIVE_TTL_MS });
  }

  /** What was in the filter before and is no longer; of what was never in it, another way may know more. */
  #givenUp({ peerId }: Peer, before: Uint8Array, after: Uint8Array): void {
    if (sameBytes(before, after)) return;
    const holds = (infoHash: InfoHash): boolean => {
      const query = { kind: 'infoHash', infoHash } as const;
      return mayMatch(after, query) || !mayMatch(before, query);
    };
    this.#tell({ kind: 'given up', peerId, path: 'gossip', holds });
  }

  #withdrawn({ peerId, sessions }: Peer, infoHash: InfoHash, version: number): void {
    const host = sessions[0]?.endpoint.host;
    if (host !== undefined)
      this.#tell({ kind: 'withdrawn', peerId, infoHash, version, host, path: 'gossip' });
  }

  #tell(sighting: Sighting): void {
    this.#context.emit({ kind: 'heard', sighting });
  }
}

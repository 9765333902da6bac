import { MAX_PENDING_HANDSHAKES } from '../limits.ts';
import type { Connection } from '../platform/network.ts';

/**
 * Connections whose handshake is under way. An honest one is over in a few milliseconds, so where there are too
 * many the oldest goes, of the address that has the most: who opens connections and says nothing displaces itself.
 */
export class Handshakes {
  /** Oldest first. */
  readonly #underWay = new Set<Connection>();

  /** Returns the connection that loses its place to this one, to be closed. */
  begin(connection: Connection): Connection | undefined {
    const displaced = this.#underWay.size >= MAX_PENDING_HANDSHAKES ? this.#oldestOfGreediest() : undefined;
    if (displaced !== undefined) this.#underWay.delete(displaced);
    this.#underWay.add(connection);
    return displaced;
  }

  /** May be said more than once. */
  over(connection: Connection): void {
    this.#underWay.delete(connection);
  }

  #oldestOfGreediest(): Connection | undefined {
    const oldest = new Map<string, { readonly connection: Connection; count: number }>();
    for (const connection of this.#underWay) {
      const known = oldest.get(connection.remote.host);
      if (known === undefined) oldest.set(connection.remote.host, { connection, count: 1 });
      else known.count++;
    }
    let greediest: { readonly connection: Connection; readonly count: number } | undefined;
    for (const candidate of oldest.values()) {
      if (candidate.count > (greediest?.count ?? 0)) greediest = candidate;
    }
    return greediest?.connection;
  }
}

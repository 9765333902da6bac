import type { Query } from '../../holdings/query.ts';
import { GOSSIP_INQUIRY_REPEATS_MS } from '../../limits.ts';
import { mayMatch } from '../codec/content-filter.ts';
import type { Context } from './context.ts';
import { sameBytes } from './cookies.ts';
import type { MembershipListener } from './membership.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Signed } from './signed.ts';

/**
 * What is searched for, and which members may have it: those are asked, and again a few times, as questions and
 * answers get lost; whether an answer came is for the one who asks to know.
 */
export class Inquiries implements MembershipListener {
  readonly #context: Context;
  readonly #peers: Peers;
  #queries: readonly Query[] = [];

  constructor(context: Context, peers: Peers) {
    this.#context = context;
    this.#peers = peers;
  }

  update(queries: readonly Query[]): void {
    const added = queries.filter((query) => !this.#queries.includes(query));
    this.#queries = queries;
    if (added.length === 0) return;
    for (const peer of this.#peers.pool.items)
      if (peer.summary !== undefined && mayAnswer(peer.summary, added)) this.#inquire(peer);
  }

  /** Whether one of the queries may be answered by the peer that this summary is of. */
  concern(summary: Signed<'summary'>): boolean {
    return mayAnswer(summary, this.#queries);
  }

  /** Members that may answer this query, which nobody is asked by that. */
  mayAnswer(query: Query): readonly Peer[] {
    return this.#peers.pool.items.filter(
      ({ summary }) => summary !== undefined && mayAnswer(summary, [query]),
    );
  }

  summarized(peer: Peer, before: Signed<'summary'> | undefined): void {
    const { summary } = peer;
    if (summary === undefined || !this.concern(summary)) return;
    if (before === undefined || !sameBytes(before.statement.filter, summary.statement.filter))
      this.#inquire(peer);
  }

  #inquire(peer: Peer, repeatsMs = GOSSIP_INQUIRY_REPEATS_MS): void {
    const { peerId, sessions, summary } = peer;
    const node = sessions[0]?.endpoint;
    if (node === undefined || summary === undefined) return;
    this.#context.emit({ kind: 'inquire', peerId, node });
    const [delayMs, ...others] = repeatsMs;
    if (delayMs === undefined) return;
    this.#context.agenda.in(delayMs, () => {
      const isCurrent = this.#peers.get(peerId) === peer && peer.summary === summary;
      if (isCurrent && this.concern(summary)) this.#inquire(peer, others);
    });
  }
}

function mayAnswer({ statement }: Signed<'summary'>, queries: readonly Query[]): boolean {
  return queries.some((query) => mayMatch(statement.filter, query));
}

import { GOSSIP_GREETING_SYNC_MS, MAX_GOSSIP_INDEX_GREETINGS } from '../../limits.ts';
import type { Context } from './context.ts';
import type { Examinations } from './examinations.ts';
import type { ProvenBy } from './handshake.ts';
import type { Interests } from './interests.ts';
import type { Liveness } from './liveness.ts';
import type { MembershipListener } from './membership.ts';
import type { Outbox } from './outbox.ts';
import type { OwnIndexes } from './own-indexes.ts';
import type { OwnSummary } from './own-summary.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Signed } from './signed.ts';

export interface GreetingsParts {
  readonly peers: Peers;
  readonly interests: Interests;
  readonly ownSummary: OwnSummary;
  readonly ownIndexes: OwnIndexes;
  readonly liveness: Liveness;
  readonly outbox: Outbox;
  readonly examinations: Examinations;
}

/** What is said to a peer that has just come: who we are, and what we hold of contents that it wants. */
export class Greetings implements MembershipListener {
  readonly #context: Context;
  readonly #parts: GreetingsParts;
  #comparedAt = Number.NEGATIVE_INFINITY;

  constructor(context: Context, parts: GreetingsParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** A moment later, so that our proof, which may be overtaken on the way, is there first. */
  greet(peer: Peer, by: ProvenBy): void {
    this.#context.agenda.in(this.#context.limits.mergeMs, () => {
      const { peers, ownSummary, outbox, liveness, examinations } = this.#parts;
      if (!peers.isKnown(peer)) return;
      if (ownSummary.said !== undefined)
        outbox.send(peer, { kind: 'statement', statement: ownSummary.said, provenAt: undefined });
      examinations.greet(peer);
      if (this.#isToCompare(by)) liveness.check(peer);
    });
  }

  summarized(peer: Peer, before: Signed<'summary'> | undefined): void {
    const { interests, ownIndexes, outbox } = this.#parts;
    for (const infoHash of interests.sharedWith(peer)) {
      if (before?.statement.interests.includes(infoHash) === true) continue;
      // Among many, some are enough at first; the rest comes with comparing.
      const { size } = interests.audience(infoHash);
      if (this.#context.random.next() * size > MAX_GOSSIP_INDEX_GREETINGS) continue;
      for (const statement of ownIndexes.statements(infoHash).slice(0, MAX_GOSSIP_INDEX_GREETINGS))
        outbox.send(peer, { kind: 'statement', statement, provenAt: undefined });
    }
  }

  /**
   * Who was found in another way than by a member's hint may know what we do not. Of many that are found at once,
   * a few are enough to compare with.
   */
  #isToCompare(by: ProvenBy): boolean {
    if (by === 'its own probe' || by === 'hint' || by === 'wanted hint') return false;
    const { now } = this.#context;
    if (by !== 'named' && now < this.#comparedAt + GOSSIP_GREETING_SYNC_MS) return false;
    this.#comparedAt = now;
    return true;
  }
}

import type { Scope } from '../gossip-message.ts';
import type { SignedStatement } from '../statement.ts';
import type { OwnIndexes } from './own-indexes.ts';
import type { OwnSummary } from './own-summary.ts';
import type { Peers } from './peers.ts';
import type { Speaker } from './speaker.ts';

/** Everything that we can say in a scope about one peer, ourselves included. */
export class StatementsOf {
  readonly #speaker: Speaker;
  readonly #ownSummary: OwnSummary;
  readonly #ownIndexes: OwnIndexes;
  readonly #peers: Peers;

  constructor(parts: {
    readonly speaker: Speaker;
    readonly ownSummary: OwnSummary;
    readonly ownIndexes: OwnIndexes;
    readonly peers: Peers;
  }) {
    this.#speaker = parts.speaker;
    this.#ownSummary = parts.ownSummary;
    this.#ownIndexes = parts.ownIndexes;
    this.#peers = parts.peers;
  }

  newerThan(version: number, shortId: string, scope: Scope): readonly SignedStatement[] {
    if (scope.kind === 'content') return this.#indexes(version, shortId, scope);
    const summary =
      shortId === this.#speaker.shortId ? this.#ownSummary.said : this.#peers.byShortId(shortId)?.summary;
    return summary !== undefined && summary.statement.version > version ? [summary] : [];
  }

  #indexes(version: number, shortId: string, { infoHash }: Extract<Scope, { kind: 'content' }>) {
    if (shortId === this.#speaker.shortId) return this.#ownIndexes.statements(infoHash, version);
    return this.#peers.byShortId(shortId)?.indexes?.get(infoHash)?.statements(version) ?? [];
  }
}

import type { Holding, PieceSummary } from './holding.ts';
import type { DiscoveryPath } from './sighting.ts';

/** A word of a peer about one content, and how it came. */
export interface Word {
  readonly holding: Holding;
  readonly host: string;
  readonly path: DiscoveryPath;
  readonly lifetimeMs: number;
}

/** When something was heard, and until when it holds; the clock's milliseconds. */
export interface Hearing {
  readonly at: number;
  readonly expiresAt: number;
}

/**
 * What a version counts: in gossip all that a peer says, signed; on the other ways the changes of what it holds. The
 * one says nothing about the other.
 */
export type Count = 'statements' | 'changes';

export function countOf(path: DiscoveryPath): Count {
  return path === 'gossip' ? 'statements' : 'changes';
}

/** One content of one peer: its newest word, and when each way spoke of it. */
export class HeldContent {
  #word: Word;
  /** The newest version that was taken of each count. */
  readonly #versions = new Map<Count, number>();
  readonly #heard = new Map<DiscoveryPath, Hearing>();

  constructor(word: Word, hearing: Hearing) {
    this.#word = word;
    this.#versions.set(countOf(word.path), word.holding.version);
    this.#heard.set(word.path, hearing);
  }

  /** The word that holds. */
  get word(): Word {
    return this.#word;
  }

  get versions(): ReadonlyMap<Count, number> {
    return this.#versions;
  }

  get heard(): Iterable<Hearing> {
    return this.#heard.values();
  }

  isStale({ holding, path }: Word): boolean {
    return holding.version < (this.#versions.get(countOf(path)) ?? -1);
  }

  /** Takes a word that is not stale; true where it says something new. */
  take(word: Word, hearing: Hearing): boolean {
    this.#heard.set(word.path, hearing);
    if (!this.#isNews(word, hearing.at)) return false;
    this.#word = word;
    this.#versions.set(countOf(word.path), word.holding.version);
    return true;
  }

  /** Puts a word in the place of one that somebody else may have said. */
  correct(word: Word, hearing: Hearing): void {
    this.#versions.clear();
    this.#heard.clear();
    this.#heard.set(word.path, hearing);
    this.#word = word;
    this.#versions.set(countOf(word.path), word.holding.version);
  }

  /** A newer version; or the same one told with more detail (mDNS tells a count, the beacon ranges). */
  #isNews({ holding, path }: Word, now: number): boolean {
    const known = this.#versions.get(countOf(path));
    const more = detail(holding.pieces) - detail(this.#word.holding.pieces);
    if (holding.version === known) return countOf(path) === countOf(this.#word.path) && more > 0;
    // The beacon has no room for all ranges: what gossip has just said is worth more.
    const hasGossip = (this.#heard.get('gossip')?.expiresAt ?? now) > now;
    return countOf(path) === 'statements' || !hasGossip || more >= 0;
  }
}

/** Ranges told; all that there are count as more than any number. */
function detail(pieces: PieceSummary): number {
  return pieces.kind === 'all' || !pieces.more ? Number.MAX_SAFE_INTEGER : pieces.ranges.length;
}

import type { ContentRows, PeerRows } from '../registry/rows.ts';

/** What has changed since the last batch, and what is known at the start. Of two rows about one peer the later counts. */
export interface StoreBatch {
  readonly peers: PeerRows;
  readonly contents: ContentRows;
}

/**
 * Where a tracker's state lives beyond its memory. Announcements are always answered from memory; a store is told
 * afterwards, in batches, and gives back all that it has at the start. All implementations keep one contract
 * (test/tracker-server/store/contract.ts): the newest row about a peer is kept, a peer that is gone is forgotten, how
 * often a content was completed only grows. `openStore` gives them open.
 */
export interface PeerStore {
  readonly kind: 'memory' | 'sqlite' | 'redis';
  /** How long changes are collected, milliseconds. */
  readonly saveIntervalMs: number;
  /**
   * Gives all peers that announced at `sinceSeconds` (Unix time) or later, in batches that are to be merged in this
   * order; there may be goodbyes among them. Rejects with a LanshareError where they cannot be read, with INTERRUPTED
   * when the signal aborts.
   */
  load(sinceSeconds: number, take: (batch: StoreBatch) => void, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the batch is kept. One call at a time; after a rejection, with a LanshareError, the caller tries the
   * same rows again later.
   */
  save(batch: StoreBatch): Promise<void>;
  /**
   * Gives what other trackers on the same store save from now on, as they save it; after an interruption all that is
   * there, and one's own goodbyes again once they are saved, for it may have brought those peers back. Never calls where
   * there can be no others. To be called before `load`, so that nothing is lost in between. Calls `onEmptied` where after
   * an interruption no peer is there any more: what is in memory is to be saved again.
   */
  follow(take: (batch: StoreBatch) => void, onEmptied?: () => void): void;
  /** Waits for a save under way, but not for a server that is silent. */
  close(): Promise<void>;
}

import type { Metainfo, PieceIndex } from '../metainfo/metainfo.ts';
import type { Bitfield } from '../pieces/bitfield.ts';
import type { PieceGoal } from '../pieces/piece-goal.ts';

/**
 * Where the bytes of one content lie. Three implementations keep one contract (test/storage/contract.ts):
 * a source that is shared as it lies on disk, a part that is being fetched, and memory for tests.
 */
export interface ContentStore {
  readonly metainfo: Metainfo;
  /** Pieces that are verified and on their place. Only the store changes it. */
  readonly have: Readonly<Pick<Bitfield, 'has' | 'count' | 'complete' | 'bytes' | 'size' | 'held'>>;
  /** What `have` is to contain in the end. */
  readonly goal: PieceGoal;

  /**
   * Fills `target` with the bytes of a held piece from `offset` on; nothing is copied on the way. Many reads may
   * run at once. Rejects with SHARE_CHANGED where the file is no longer what was hashed, with a DISK code where
   * it cannot be read, with INTERRUPTED after `close`, with a RangeError where the range is not all in the piece.
   */
  read(index: PieceIndex, offset: number, target: Uint8Array): Promise<void>;

  /** CRC-32 of a held piece as it was when it was verified; undefined where it is not known. */
  crc32(index: PieceIndex): number | undefined;

  /**
   * Puts a piece whose hash has been checked on its place. When the promise resolves, the data is written,
   * the resume record knows it and `have` contains it; `content` may be reused when it settles. Nothing happens
   * where the piece is held. After a rejection (DISK_FULL, DISK, ...) the piece may be written again.
   */
  write(index: PieceIndex, content: Uint8Array, crc32: number): Promise<void>;

  /**
   * Only when the goal is reached: data, fsync, rename. Resolves with the final path; the store goes on serving.
   * Rejects with EXISTS_DIFFERENT where something has taken the final name: the part stays, and it may be
   * called again.
   */
  finish(): Promise<string>;

  /** Waits for what is under way, then closes every file. A part and its resume record stay where they are. */
  close(): Promise<void>;
}

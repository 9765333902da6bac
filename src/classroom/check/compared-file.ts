import type { ListedPeerId } from '../config/project.ts';

/** The file of a peer, held against that of a peer which had it at the start. */
export interface ComparedFile {
  readonly peer: ListedPeerId;
  /** `is 100 bytes long, and 1001's is 200`; undefined where they are identical. */
  readonly difference: string | undefined;
}

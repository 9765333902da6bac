import type { ListedPeerId } from '../config/project.ts';

/**
 * What the assignment wants in the log: one sentence each. `peer` is always the one who writes. Indexes and counts
 * are plain numbers here: logs of other programs are read into the same type.
 */
export type LogEvent =
  /** We dialled. */
  | { readonly kind: 'makes connection'; readonly to: ListedPeerId }
  /** They dialled. */
  | { readonly kind: 'is connected'; readonly from: ListedPeerId }
  | { readonly kind: 'preferred neighbors'; readonly neighbors: readonly ListedPeerId[] }
  | { readonly kind: 'optimistically unchoked neighbor'; readonly neighbor: ListedPeerId }
  | { readonly kind: 'unchoked'; readonly by: ListedPeerId }
  | { readonly kind: 'choked'; readonly by: ListedPeerId }
  | { readonly kind: 'have'; readonly from: ListedPeerId; readonly piece: number }
  | { readonly kind: 'interested'; readonly from: ListedPeerId }
  | { readonly kind: 'not interested'; readonly from: ListedPeerId }
  /** `pieces`: how many it has with this one. */
  | {
      readonly kind: 'downloaded piece';
      readonly piece: number;
      readonly from: ListedPeerId;
      readonly pieces: number;
    }
  | { readonly kind: 'complete' };

/** How long a tracker is waited for: `short` where another one could be asked meanwhile. */
export type Patience = 'short' | 'long';

export interface AnnounceHow {
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /** What this tracker gave in an earlier answer. */
  readonly trackerId: string | undefined;
}

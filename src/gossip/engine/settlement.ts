/** Two digests that differ, and how often we have tried in vain to find out why. */
export interface Settlement {
  readonly mine: Uint8Array;
  readonly theirs: Uint8Array;
  tries: number;
  readonly since: number;
}

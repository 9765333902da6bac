import type { TrackerStats } from '../../../tracker-server/tracker-server-api.ts';

/** Of `tracker`: somebody announced and was given these peers. */
export interface Matched {
  readonly event: 'matched';
  readonly infoHash: string;
  /** Null where the tracker has no .torrent of it, and no node has told one. */
  readonly name: string | null;
  /** `host:port`, as the others. */
  readonly peer: string;
  readonly with: readonly string[];
}

/** Of `tracker`: how its store is doing. */
export interface StoreChange {
  readonly event: 'store';
  readonly state: 'loaded' | 'failing' | 'recovered';
  readonly message: string;
}

/** Of `tracker`: all that it counts, since it runs. */
export interface TrackerFigures extends Omit<TrackerStats, 'store'> {
  readonly event: 'tracker-stats';
  readonly store: Omit<TrackerStats['store'], 'fault'> & { readonly fault: string | null };
}

/** Of `tracker`: somebody announced and was given these peers. */
export interface Matched {
  readonly event: 'matched';
  readonly infoHash: string;
  /** Null where the tracker has no .torrent of it. */
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
export interface TrackerFigures {
  readonly event: 'tracker-stats';
  readonly uptimeSeconds: number;
  readonly contents: number;
  readonly peers: number;
  readonly seeders: number;
  readonly announces: { readonly udp: number; readonly http: number };
  readonly scrapes: { readonly udp: number; readonly http: number };
  readonly connects: number;
  readonly matches: number;
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>;
  readonly store: { readonly kind: string; readonly unsaved: number; readonly fault: string | null };
  readonly memoryBytes: number;
}

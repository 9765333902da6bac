/** How it stands with one tracker; undefined is what is not known. */
export interface TrackerStatus {
  readonly url: string;
  /** Not asked yet, or being asked for the first time; answered the last time; did not, or cannot be asked. */
  readonly state: 'waiting' | 'working' | 'failed';
  /** The tracker's warning, or why it failed; empty where there is nothing to say. Safe to print. */
  readonly message: string;
  readonly seeders: number | undefined;
  readonly leechers: number | undefined;
  /** Seconds from one announcement to the next. */
  readonly interval: number | undefined;
  /** Peers in all its answers. */
  readonly peersReceived: number;
  /** By the clock that was handed in, milliseconds; undefined while it is being asked or where it is not its turn. */
  readonly nextAnnounceAt: number | undefined;
}

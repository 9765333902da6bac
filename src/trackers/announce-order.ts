import type { AnnounceEvent } from '../wire/tracker/announce.ts';
import type { Patience } from './announce-how.ts';
import type { TrackerRecord } from './tracker-record.ts';

/** One announcement that is to be made. */
export interface AnnounceOrder {
  readonly tracker: TrackerRecord;
  readonly event: AnnounceEvent;
  readonly patience: Patience;
}

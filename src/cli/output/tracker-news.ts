import type { TrackersChange } from './events.ts';

/** Of what is said of a content's trackers, time and again, what was not said before. */
export class TrackerNews {
  readonly #told = new Map<string, string>();

  take(event: TrackersChange): TrackersChange {
    const trackers = event.trackers.filter((entry) => {
      const key = `${event.infoHash} ${entry.url}`;
      const text = JSON.stringify(entry);
      if (this.#told.get(key) === text) return false;
      this.#told.set(key, text);
      return true;
    });
    return { ...event, trackers };
  }
}

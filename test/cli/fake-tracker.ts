import type { Host } from '../../src/cli/host.ts';
import type {
  TrackedContent,
  TrackerServer,
  TrackerServerEvent,
  TrackerServerOptions,
  TrackerStats,
} from '../../src/tracker-server/tracker-server-api.ts';

export const NO_STATS: TrackerStats = {
  uptimeSeconds: 0,
  contents: 0,
  peers: 0,
  seeders: 0,
  announces: { udp: 0, http: 0 },
  scrapes: { udp: 0, http: 0 },
  connects: 0,
  matches: 0,
  refused: {},
  store: { kind: 'memory', unsaved: 0, fault: undefined },
  memoryBytes: 50_000_000,
};

/** A tracker that says and counts what the test tells it. */
export class FakeTracker implements TrackerServer {
  readonly port = 6969;
  readonly options: TrackerServerOptions;
  readonly handedOut = new Map<string, Uint8Array>();
  counted: TrackerStats = NO_STATS;
  tracked: readonly TrackedContent[] = [];
  isClosed = false;

  constructor(options: TrackerServerOptions) {
    this.options = options;
  }

  tell(event: TrackerServerEvent): void {
    if (event.event === 'matched') this.counted = { ...this.counted, matches: this.counted.matches + 1 };
    this.options.onEvent?.(event);
  }

  urls(): readonly string[] {
    return ['udp://10.77.0.1:6969/announce', 'http://10.77.0.1:6969/announce'];
  }

  stats(): TrackerStats {
    return this.counted;
  }

  contents(most: number): readonly TrackedContent[] {
    return this.tracked.slice(0, most);
  }

  handOut(fileName: string, torrent: Uint8Array): void {
    this.handedOut.set(fileName, torrent);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** For a fake host; `made` is the tracker when there is one. */
export function fakeTrackers(onMade: (tracker: FakeTracker) => void = () => {}) {
  const trackers: FakeTracker[] = [];
  const createTrackerServer: Host['createTrackerServer'] = async (options) => {
    const tracker = new FakeTracker(options);
    trackers.push(tracker);
    tracker.tell({ event: 'listening', port: tracker.port, urls: tracker.urls() });
    onMade(tracker);
    return tracker;
  };
  return { trackers, createTrackerServer };
}

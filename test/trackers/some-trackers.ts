import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Endpoint, formatEndpoint } from '../../src/platform/endpoint.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTrackerClient } from '../../src/trackers/system-tracker-client.ts';
import type { TrackerClient } from '../../src/trackers/tracker-client.ts';
import {
  createTrackers,
  type TrackerStatus,
  type Trackers,
  type TrackersOptions,
} from '../../src/trackers/trackers.ts';

/** One peer's side, with what it was told. */
export interface Peer {
  readonly trackers: Trackers;
  readonly peers: Set<string>;
  readonly calls: (readonly Endpoint[])[];
  rows: readonly TrackerStatus[];
  left: number;
}

export const SOME_HASH = '0123456789abcdef'.repeat(3).slice(0, 40) as InfoHash;

/** Announces to `tiers` as the peer on `port`, with a client of its own where none is given. */
export function startPeer(
  port: number,
  tiers: TrackersOptions['tiers'],
  more: Partial<TrackersOptions> & { readonly left?: number } = {},
): Peer {
  const { left = 1_000, ...options } = more;
  const state = { peers: new Set<string>(), calls: [] as (readonly Endpoint[])[], rows: [], left };
  const clock = options.clock ?? systemClock;
  const client = options.client ?? systemTrackerClient(clock, options.random ?? systemRandom);
  const trackers = createTrackers({
    infoHash: SOME_HASH,
    peerId: systemRandom.bytes(20),
    port,
    tiers,
    client,
    clock,
    random: systemRandom,
    logger: silentLogger,
    statistics: () => ({ uploaded: 10, downloaded: 20, left: peer.left }),
    onPeers(endpoints) {
      peer.calls.push(endpoints);
      for (const endpoint of endpoints) peer.peers.add(formatEndpoint(endpoint));
    },
    onStatus(rows) {
      peer.rows = rows;
    },
    ...options,
  });
  const peer: Peer = Object.assign(state, {
    trackers: options.client === undefined ? closingBoth(trackers, client) : trackers,
  });
  return peer;
}

function closingBoth(trackers: Trackers, client: TrackerClient): Trackers {
  return {
    completed: () => trackers.completed(),
    announceNow: () => trackers.announceNow(),
    status: () => trackers.status(),
    async close() {
      await trackers.close();
      await client.close();
    },
  };
}

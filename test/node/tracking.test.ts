import { afterEach, describe, expect, it } from 'vitest';
import { TRACKER_MIN_INTERVAL_DEFAULT_SECONDS } from '../../src/limits.ts';
import { Tracking } from '../../src/node/tracking.ts';
import { silentLogger } from '../../src/platform/logger.ts';
import type { TrackerStatus } from '../../src/trackers/tracker-status.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { httpTracker, type SmallTracker } from '../trackers/small-tracker.ts';
import { SOME_HASH } from '../trackers/some-trackers.ts';

let tracker: SmallTracker | undefined;
afterEach(() => tracker?.close());

function setUp(url: string) {
  const clock = new VirtualClock();
  const tracking = new Tracking({ clock, random: seededRandom(1) });
  const state: { rows: readonly TrackerStatus[] } = { rows: [] };
  const options = {
    infoHash: SOME_HASH,
    peerId: new Uint8Array(20),
    port: 1_001,
    tiers: [[url]],
    logger: silentLogger,
    statistics: () => ({ uploaded: 0, downloaded: 0, left: 0 }),
    onPeers() {},
    onStatus(rows: readonly TrackerStatus[]) {
      state.rows = rows;
    },
  };
  return { clock, tracking, state, options };
}

describe("a node's trackers", () => {
  it('are told when the network has changed, as soon as each allows it', async () => {
    tracker = await httpTracker();
    const { heard, url } = tracker;
    const { clock, tracking, state, options } = setUp(url);
    const trackers = await tracking.start(options, () => true);
    await clock.advance(0);
    await expect.poll(() => state.rows[0]?.state).toBe('working');
    tracking.networkChanged();
    await clock.advance(TRACKER_MIN_INTERVAL_DEFAULT_SECONDS * 1_000 - 1);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    await expect.poll(() => heard.map(({ event }) => event)).toEqual(['started', 'regular']);
    if (trackers !== undefined) await tracking.stop(trackers);
    expect(heard.at(-1)?.event).toBe('stopped');
    tracking.networkChanged();
    await tracking.close();
    expect(heard).toHaveLength(3);
  });

  it('of a content that is not wanted any more are not asked', async () => {
    tracker = await httpTracker();
    const { clock, tracking, options } = setUp(tracker.url);
    expect(await tracking.start(options, () => false)).toBeUndefined();
    await clock.advance(10_000);
    await tracking.close();
    expect(tracker.heard).toEqual([]);
  });

  it('cost nothing where no content has any', async () => {
    await setUp('http://a/announce').tracking.close();
  });
});

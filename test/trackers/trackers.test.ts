import { afterEach, describe, expect, it } from 'vitest';
import { TRACKER_STOP_TIMEOUT_MS, TRACKER_STOP_UNANSWERED_TIMEOUT_MS } from '../../src/limits.ts';
import { systemInterfaces } from '../../src/platform/interfaces.ts';
import type { TrackerClient } from '../../src/trackers/tracker-client.ts';
import type { AnnounceAnswer, AnnounceEvent } from '../../src/wire/tracker/announce.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { httpTracker, type SmallTracker, type SmallTrackerOptions, udpTracker } from './small-tracker.ts';
import { type Peer, SOME_HASH, startPeer } from './some-trackers.ts';

const hasIpv6 = systemInterfaces().some(({ addresses }) =>
  addresses.some(({ address }) => address === '::1'),
);

const kinds: readonly (readonly [string, string, (options: SmallTrackerOptions) => Promise<SmallTracker>])[] =
  [
    ['an HTTP tracker', '127.0.0.1', httpTracker],
    ['a UDP tracker', '127.0.0.1', udpTracker],
    ...(hasIpv6
      ? ([
          ['an HTTP tracker over IPv6', '::1', httpTracker],
          ['a UDP tracker over IPv6', '::1', udpTracker],
        ] as const)
      : []),
  ];

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function start(...args: Parameters<typeof startPeer>): Peer {
  const peer = startPeer(...args);
  opened.push(peer.trackers);
  return peer;
}

describe.each(kinds)('with %s', (_, host, makeTracker) => {
  async function tracker(options: SmallTrackerOptions = {}): Promise<SmallTracker> {
    const made = await makeTracker({ host, ...options });
    opened.push(made);
    return made;
  }
  const at = (port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

  it('two peers find each other', async () => {
    const { url } = await tracker();
    const first = start(1_001, [[url]], { left: 0 });
    await expect.poll(() => first.rows[0]?.state).toBe('working');
    const second = start(1_002, [[url]]);
    await expect.poll(() => second.peers).toContain(at(1_001));
    await expect
      .poll(() => second.rows)
      .toMatchObject([
        { url, state: 'working', message: '', seeders: 1, leechers: 1, interval: 600, peersReceived: 2 },
      ]);
  });

  it('the tracker hears of the start, the end of the download and the end', async () => {
    const small = await tracker();
    const peer = start(1_001, [[small.url]]);
    await expect.poll(() => peer.rows[0]?.state).toBe('working');
    peer.left = 0;
    peer.trackers.completed();
    await expect.poll(() => small.heard.length).toBe(2);
    await peer.trackers.close();
    expect(small.heard.map(({ event, left, port }) => [event, left, port])).toEqual([
      ['started', 1_000, 1_001],
      ['completed', 0, 1_001],
      ['stopped', 0, 1_001],
    ]);
    expect(small.heard[0]).toMatchObject({ infoHash: SOME_HASH, uploaded: 10, downloaded: 20 });
    expect(new Set(small.heard.map(({ key }) => key)).size).toBe(1);
    expect(small.heard.map(({ peersWanted }) => peersWanted)).toEqual([200, 200, 0]);
  });
});

describe('with HTTP trackers', () => {
  it('a tier whose first tracker is dead is served by the second', async () => {
    const [dead, alive] = [await httpTracker(), await httpTracker()];
    opened.push(alive);
    await dead.close();
    // In both orders, whichever the shuffle makes of it.
    const peers = [0, 0.99].map((next) =>
      start(1_001, [[dead.url, alive.url]], {
        random: { next: () => next, bytes: (n) => Buffer.alloc(n, 7) },
      }),
    );
    for (const peer of peers)
      await expect
        .poll(() => peer.rows[0], { timeout: 15_000 })
        .toMatchObject({
          url: alive.url,
          state: 'working',
        });
  });

  it('counts that do not come with the peers are scraped', async () => {
    const small = await httpTracker({ countsInScrapeOnly: true });
    opened.push(small);
    const peer = start(1_001, [[small.url]]);
    await expect.poll(() => peer.rows[0]).toMatchObject({ state: 'working', seeders: 0, leechers: 1 });
  });
});

/** A tracker client that answers as the test says, and notes what it was asked. */
function scripted(answer: (tracker: string, event: AnnounceEvent) => Promise<AnnounceAnswer>) {
  const asked: string[] = [];
  const trackerIds: (string | undefined)[] = [];
  const client: TrackerClient = {
    announce(tracker, { event }, { trackerId, signal }) {
      asked.push(`${event} ${tracker}`);
      trackerIds.push(trackerId);
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        answer(tracker, event).then(resolve, reject);
      });
    },
    scrape: async () => [],
    close: () => Promise.reject(new Error('not mine to close')),
  };
  return { asked, trackerIds, client };
}

const ANSWER: AnnounceAnswer = {
  intervalSeconds: 100,
  minIntervalSeconds: undefined,
  seeders: 0,
  leechers: 0,
  peers: [],
  warning: undefined,
  trackerId: undefined,
};
const URL_A = 'http://a/announce';
const never = (): Promise<never> => new Promise(() => {});

describe('with time that a test moves', () => {
  it('the tracker is asked again after its interval, with the id that it gave', async () => {
    const clock = new VirtualClock();
    const { asked, trackerIds, client } = scripted(async () => ({ ...ANSWER, trackerId: 'T' }));
    const { trackers } = startPeer(1_001, [[URL_A]], { clock, client });
    await clock.advance(250_000);
    await trackers.close();
    expect(asked).toEqual(['started', 'regular', 'regular', 'stopped'].map((event) => `${event} ${URL_A}`));
    expect(trackerIds).toEqual([undefined, 'T', 'T', 'T']);
    expect(clock.pending).toBe(0);
  });

  it('peers that cannot be dialled are not passed on', async () => {
    const clock = new VirtualClock();
    const peers = [
      { host: '10.0.0.1', port: 0 },
      { host: '0.0.0.0', port: 1 },
      { host: '0.1.2.3', port: 1 },
      { host: '::', port: 1 },
      { host: '224.0.0.1', port: 1 },
      { host: '255.255.255.255', port: 1 },
      { host: 'ff02::1', port: 1 },
      { host: '10.0.0.1', port: 1 },
      { host: '::ffff:10.0.0.1', port: 1 },
      { host: 'fd77::1', port: 2 },
    ];
    const { client } = scripted(async () => ({ ...ANSWER, peers }));
    const { trackers, calls } = startPeer(1_001, [[URL_A]], { clock, client });
    await clock.advance(1);
    await trackers.close();
    expect(calls).toEqual([
      [
        { host: '10.0.0.1', port: 1 },
        { host: 'fd77::1', port: 2 },
      ],
    ]);
  });

  it('what a tracker says of a failure is safe to print', async () => {
    const clock = new VirtualClock();
    const { client } = scripted(() => Promise.reject(new Error('host \x1b[2J is gone')));
    const peer = startPeer(1_001, [[URL_A]], { clock, client });
    await clock.advance(1);
    await peer.trackers.close();
    expect(peer.rows[0]).toMatchObject({ state: 'failed', message: 'host \\x1b[2J is gone' });
  });

  it.each([
    ['that worked', TRACKER_STOP_TIMEOUT_MS, async () => ANSWER],
    ['that has not answered yet', TRACKER_STOP_UNANSWERED_TIMEOUT_MS, never],
  ])('closing waits for a tracker %s no longer than %d ms', async (_, limitMs, first) => {
    const clock = new VirtualClock();
    const { asked, client } = scripted((_tracker, event) => (event === 'stopped' ? never() : first()));
    const { trackers } = startPeer(1_001, [[URL_A]], { clock, client });
    await clock.advance(1);
    const before = clock.now();
    let closed = false;
    void trackers.close().then(() => {
      closed = true;
    });
    await clock.advanceUntil(() => closed, 60_000);
    expect(clock.now() - before).toBe(limitMs);
    expect(asked.at(-1)).toBe(`stopped ${URL_A}`);
    expect(clock.pending).toBe(0);
  });

  it('closing does not wait for a tracker that has failed', async () => {
    const clock = new VirtualClock();
    const { asked, client } = scripted(() => Promise.reject(new Error('gone')));
    const { trackers } = startPeer(1_001, [[URL_A]], { clock, client });
    await clock.advance(1);
    await trackers.close();
    expect(asked).toEqual([`started ${URL_A}`]);
  });

  it('nothing is told after closing', async () => {
    const clock = new VirtualClock();
    let answerIt = (_: AnnounceAnswer): void => {};
    const { client } = scripted((_tracker, event) =>
      event === 'stopped'
        ? Promise.resolve(ANSWER)
        : new Promise((resolve) => {
            answerIt = resolve;
          }),
    );
    const peer = startPeer(1_001, [[URL_A]], { clock, client });
    await peer.trackers.close();
    answerIt({ ...ANSWER, peers: [{ host: '10.0.0.1', port: 1 }] });
    peer.trackers.announceNow();
    peer.trackers.completed();
    await clock.advance(10_000_000);
    expect([peer.calls, peer.rows]).toEqual([[], []]);
  });
});

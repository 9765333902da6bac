import { beforeEach, describe, expect, it } from 'vitest';
import { TRACKER_OTHER_FAMILY_GRACE_MS } from '../../src/limits.ts';
import type { InfoHash } from '../../src/metainfo/metainfo.ts';
import type { Endpoint } from '../../src/platform/endpoint.ts';
import { createTrackerClient, type TrackerClient } from '../../src/trackers/tracker-client.ts';
import type { AnnounceAnswer, AnnounceRequest } from '../../src/wire/tracker/announce.ts';
import type { UdpTrackerRequest, UdpTrackerResponse } from '../../src/wire/tracker/udp-tracker-message.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { FakeUdp, goodTracker } from './fake-udp.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const TRACKER = 'udp://10.0.0.1:6969/announce';
const REQUEST: AnnounceRequest = {
  infoHash: HASH,
  peerId: new Uint8Array(20),
  port: 1,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: 'started',
  peersWanted: 50,
  key: 4,
};

let clock: VirtualClock;
let udp: FakeUdp;
let client: TrackerClient;
beforeEach(() => {
  clock = new VirtualClock();
  udp = new FakeUdp(() => clock.now());
  const httpGet = () => Promise.reject(new Error('no HTTP here'));
  client = createTrackerClient({ clock, random: seededRandom(1), datagrams: udp, httpGet });
});

/** How an announcement ends, with as much time as it needs. */
async function announce(
  tracker = TRACKER,
  patience: 'short' | 'long' = 'long',
): Promise<AnnounceAnswer | string> {
  let end: AnnounceAnswer | string | undefined;
  client
    .announce(tracker, REQUEST, { signal: new AbortController().signal, patience, trackerId: undefined })
    .then(
      (answer) => {
        end = answer;
      },
      (error: Error) => {
        end = error.message;
      },
    );
  await clock.advanceUntil(() => end !== undefined, 10 * 60_000);
  return end ?? 'never';
}

function askedTypes(): readonly string[] {
  return udp.asked.map(({ request }) => request.type);
}

function error(request: UdpTrackerRequest, message: string): UdpTrackerResponse {
  return { type: 'error', transactionId: request.transactionId, message };
}

describe('a UDP tracker', () => {
  it('is asked for a connection id, then announced to', async () => {
    udp.answer = goodTracker;
    expect(await announce()).toEqual({
      intervalSeconds: 900,
      minIntervalSeconds: undefined,
      seeders: 2,
      leechers: 1,
      peers: [{ host: '10.0.0.9', port: 6_881 }],
      warning: undefined,
      trackerId: undefined,
    });
    expect(udp.asked.map(({ to, request }) => [to, request.type])).toEqual([
      ['10.0.0.1:6969', 'connect'],
      ['10.0.0.1:6969', 'announce'],
    ]);
    const connectionId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect(udp.asked[1]?.request).toMatchObject({ connectionId, request: REQUEST, urlData: '/announce' });
  });

  it('is asked with the same connection id for a minute', async () => {
    udp.answer = goodTracker;
    await announce();
    await clock.advance(59_000);
    await announce();
    await clock.advance(2_000);
    await announce();
    expect(askedTypes()).toEqual(['connect', 'announce', 'announce', 'connect', 'announce']);
  });

  it('that forgot its connection ids is asked for another one', async () => {
    udp.answer = goodTracker;
    await announce();
    let refused = 0;
    udp.answer = (request) => {
      if (request.type !== 'announce' || refused++ > 0) return goodTracker(request);
      return error(request, 'connection id mismatch');
    };
    expect(await announce()).toMatchObject({ seeders: 2 });
    expect(askedTypes()).toEqual(['connect', 'announce', 'announce', 'connect', 'announce']);
  });

  it('that refuses is not asked again, and its reason is told', async () => {
    udp.answer = (request) =>
      request.type === 'connect' ? goodTracker(request) : error(request, 'torrent not registered');
    expect(await announce()).toBe('torrent not registered');
    expect(askedTypes()).toEqual(['connect', 'announce']);
  });

  it('that does not answer is asked again after half a second, two, fifteen, and given up after thirty', async () => {
    expect(await announce()).toBe('10.0.0.1:6969 did not answer');
    expect(udp.asked.map(({ at }) => at)).toEqual([0, 500, 2_500, 17_500]);
    expect(clock.now()).toBe(47_500);
    expect(new Set(udp.asked.map(({ request }) => request.transactionId)).size).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('that does not answer is given up sooner where another one could be asked', async () => {
    await announce(TRACKER, 'short');
    expect(clock.now()).toBe(7_500);
  });

  it('whose answer to the first datagram comes late has answered', async () => {
    udp.answer = (request, to) => {
      clock.setTimer(1_200, () => udp.deliver(goodTracker(request), to));
      return undefined;
    };
    expect(await announce()).toMatchObject({ seeders: 2 });
    // Connected 1.2 s after the first try; that try's repetition and the announcement's were answered, too.
    expect(clock.now()).toBe(2_400);
  });

  it('is believed only from its own address and with the right transaction id', async () => {
    const forged: Endpoint = { host: '10.0.0.66', port: 6_969 };
    udp.answer = (request, to) => {
      udp.deliver(error(request, 'forged'), forged);
      udp.deliver(error(request, 'forged'), { ...to, port: 6_970 });
      udp.deliver({ ...error(request, 'forged'), transactionId: (request.transactionId ^ 1) >>> 0 }, to);
      return goodTracker(request);
    };
    expect(await announce()).toMatchObject({ seeders: 2 });
  });

  it('that answers something else than it was asked is refused', async () => {
    udp.answer = (request) => {
      const { transactionId } = request;
      if (request.type === 'connect') return goodTracker(request);
      return { type: 'connected', transactionId, connectionId: new Uint8Array(8) };
    };
    expect(await announce()).toBe('10.0.0.1:6969 answered something else than it was asked');
  });

  it('with several addresses is asked at one after the other', async () => {
    udp.names.set('tracker.lan', ['10.0.0.1', '10.0.0.2']);
    udp.answer = (request, to) => (to.host === '10.0.0.2' ? goodTracker(request) : undefined);
    expect(await announce('udp://tracker.lan:80')).toMatchObject({ seeders: 2 });
    expect(udp.asked.map(({ at, to }) => [at, to])).toEqual([
      [0, '10.0.0.1:80'],
      [500, '10.0.0.2:80'],
      [500, '10.0.0.2:80'],
    ]);
    await client.close();
    expect(udp.openSockets).toBe(0);
  });

  it('with addresses of both families is announced to over both, and gives the peers of both', async () => {
    udp.names.set('tracker.lan', ['fd77:0::1', '10.0.0.1']);
    udp.answer = (request, to) => {
      const answer = goodTracker(request);
      if (answer.type !== 'announced' || to.host !== 'fd77::1') return answer;
      return { ...answer, seeders: 7, intervalSeconds: 60, peers: [{ host: 'fd77::9', port: 6_882 }] };
    };
    expect(await announce('udp://tracker.lan:80')).toMatchObject({
      seeders: 7,
      leechers: 1,
      intervalSeconds: 900,
      peers: [
        { host: '10.0.0.9', port: 6_881 },
        { host: 'fd77::9', port: 6_882 },
      ],
    });
    expect(udp.asked.map(({ to, request }) => [to, request.type])).toEqual([
      ['10.0.0.1:80', 'connect'],
      ['[fd77::1]:80', 'connect'],
      ['10.0.0.1:80', 'announce'],
      ['[fd77::1]:80', 'announce'],
    ]);
    expect(udp.openSockets).toBe(2);
    await client.close();
    expect(udp.openSockets).toBe(0);
  });

  it.each([
    ['refuses', () => Object.assign(new Error('no route'), { code: 'ENETUNREACH' }), 0],
    ['is silent', () => undefined, TRACKER_OTHER_FAMILY_GRACE_MS],
  ])('of which one family %s has answered by the other', async (_, silence, waitedMs) => {
    udp.names.set('tracker.lan', ['10.0.0.1', 'fd77::1']);
    udp.answer = (request, to) => (to.host === 'fd77::1' ? silence() : goodTracker(request));
    expect(await announce('udp://tracker.lan:80')).toMatchObject({
      seeders: 2,
      peers: [{ host: '10.0.0.9', port: 6_881 }],
    });
    expect(clock.now()).toBe(waitedMs);
    expect(clock.pending).toBe(0);
  });

  it('that fails by both families says why by the first', async () => {
    udp.names.set('tracker.lan', ['fd77::1', '10.0.0.1']);
    udp.answer = () => Object.assign(new Error('no route'), { code: 'ENETUNREACH' });
    expect(await announce('udp://tracker.lan:80')).toBe('10.0.0.1:80 cannot be reached: ENETUNREACH');
  });

  it('that does not know our connection id any more and is silent gets a new one at the next try', async () => {
    udp.answer = goodTracker;
    await announce();
    let connects = 0;
    udp.answer = (request) => {
      if (request.type === 'connect') connects++;
      return connects > 0 ? goodTracker(request) : undefined;
    };
    expect(await announce()).toMatchObject({ seeders: 2 });
    expect(clock.now()).toBe(500);
  });

  it('that is elsewhere is not believed about peers on this machine', async () => {
    const peers = ['127.0.0.1', '127.9.9.9', '10.0.0.9'].map((host) => ({ host, port: 22 }));
    udp.answer = (request) => {
      const answer = goodTracker(request);
      return answer.type === 'announced' ? { ...answer, peers } : answer;
    };
    expect(await announce()).toMatchObject({ peers: [{ host: '10.0.0.9', port: 22 }] });
    expect(await announce('udp://127.0.0.1:6969')).toMatchObject({ peers });
  });

  it('that cannot be reached is given up at once', async () => {
    udp.answer = () => Object.assign(new Error('no route'), { code: 'ENETUNREACH' });
    expect(await announce()).toBe('10.0.0.1:6969 cannot be reached: ENETUNREACH');
    expect(clock.now()).toBe(0);
  });

  it('whose name nobody knows is given up at once', async () => {
    expect(await announce('udp://nobody.lan:80')).toBe('cannot find the address of nobody.lan: ENOTFOUND');
  });

  it('is not waited for when the signal aborts', async () => {
    const end = new AbortController();
    const how = { signal: end.signal, patience: 'long', trackerId: undefined } as const;
    const asked = client.announce(TRACKER, REQUEST, how);
    asked.catch(() => {});
    await clock.advance(100);
    end.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });

  it('is scraped', async () => {
    udp.answer = goodTracker;
    const other = 'cd'.repeat(20) as InfoHash;
    const scraped = client.scrape(TRACKER, [HASH, other], new AbortController().signal);
    await clock.advance(0);
    expect(await scraped).toEqual([
      { infoHash: HASH, seeders: 1, completed: 2, leechers: 3 },
      { infoHash: other, seeders: 1, completed: 2, leechers: 3 },
    ]);
  });
});

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TRACKER_OTHER_FAMILY_GRACE_MS } from '../../src/limits.ts';
import { encodeBencode } from '../../src/metainfo/bencode.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type HttpGet, httpGet } from '../../src/platform/http-client.ts';
import { systemRandom } from '../../src/platform/random.ts';
import { systemTrackerClient } from '../../src/trackers/system-tracker-client.ts';
import { createTrackerClient, type TrackerClient } from '../../src/trackers/tracker-client.ts';
import type { AnnounceAnswer } from '../../src/wire/tracker/announce.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { FakeUdp } from './fake-udp.ts';
import { SOME_HASH } from './some-trackers.ts';

const REQUEST = {
  infoHash: SOME_HASH,
  peerId: new Uint8Array(20),
  port: 1,
  uploaded: 0,
  downloaded: 0,
  left: 0,
  event: 'started',
  peersWanted: undefined,
  key: 0,
} as const;

function announce(client: TrackerClient, tracker: string): Promise<AnnounceAnswer> {
  const how = { signal: new AbortController().signal, patience: 'long', trackerId: undefined } as const;
  return client.announce(tracker, REQUEST, how);
}

describe('an HTTP tracker whose name has addresses of both families', () => {
  const clock = new VirtualClock();
  const URL = 'http://tracker.lan/announce';
  const answer = (host: string) => {
    const body = encodeBencode({ interval: 60, peers: [{ ip: host, port: 7 }] });
    return { status: 200, headers: {}, body, address: '10.0.0.1' };
  };
  const asked: (4 | 6 | undefined)[] = [];
  let udp: FakeUdp;
  beforeEach(() => {
    asked.length = 0;
    udp = new FakeUdp(() => clock.now());
    udp.names.set('tracker.lan', ['10.0.0.1', 'fd77::1']);
  });

  function clientWith(get: (family: 4 | 6 | undefined) => ReturnType<HttpGet>): TrackerClient {
    const scripted: HttpGet = (_, { family }) => {
      asked.push(family);
      return get(family);
    };
    return createTrackerClient({ clock, random: systemRandom, datagrams: udp, httpGet: scripted });
  }

  it('is announced to over both, and gives the peers of both', async () => {
    const client = clientWith(async (family) => answer(family === 6 ? 'fd77::9' : '10.0.0.9'));
    expect(await announce(client, URL)).toMatchObject({
      peers: [
        { host: '10.0.0.9', port: 7 },
        { host: 'fd77::9', port: 7 },
      ],
    });
    expect(asked).toEqual([4, 6]);
    await client.close();
  });

  it.each([4, 6])('has answered where only IPv%d fails', async (broken) => {
    const client = clientWith((family) =>
      family === broken ? Promise.reject(new Error('no route')) : Promise.resolve(answer('10.0.0.9')),
    );
    expect(await announce(client, URL)).toMatchObject({ peers: [{ host: '10.0.0.9', port: 7 }] });
    await client.close();
  });

  it('is not waited for long where one family is silent', async () => {
    const client = clientWith((family) =>
      family === 6 ? new Promise(() => {}) : Promise.resolve(answer('10.0.0.9')),
    );
    let heard: AnnounceAnswer | undefined;
    const before = clock.now();
    void announce(client, URL).then((got) => {
      heard = got;
    });
    await clock.advanceUntil(() => heard !== undefined, 60_000);
    expect(clock.now() - before).toBe(TRACKER_OTHER_FAMILY_GRACE_MS);
    expect(heard).toMatchObject({ peers: [{ host: '10.0.0.9', port: 7 }] });
    await client.close();
  });

  it('that is elsewhere is not believed about peers on this machine', async () => {
    const client = clientWith(async (family) => answer(family === 6 ? '::1' : '127.0.0.1'));
    expect(await announce(client, URL)).toMatchObject({ peers: [] });
    await client.close();
  });

  it('that nobody knows is a failure with a sentence', async () => {
    const client = clientWith(() => Promise.reject(new Error('not asked')));
    await expect(announce(client, 'http://nobody.lan/announce')).rejects.toThrow(
      'cannot find the address of nobody.lan',
    );
    expect(asked).toEqual([]);
    await client.close();
  });
});

describe('HTTP trackers of real sockets', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function serve(handle: (request: IncomingMessage) => Uint8Array): Promise<number> {
    const server = createServer((request, response) => response.end(handle(request)));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  function realClient(): TrackerClient {
    return systemTrackerClient(systemClock, systemRandom);
  }

  it('are asked again on the same connection, which is closed with the client', async () => {
    const ports = new Set<number | undefined>();
    let closed = 0;
    const port = await serve(({ socket }) => {
      if (!ports.has(socket.remotePort)) socket.once('close', () => closed++);
      ports.add(socket.remotePort);
      return encodeBencode({ interval: 60, peers: '' });
    });
    const client = realClient();
    for (let times = 0; times < 5; times++) await announce(client, `http://127.0.0.1:${port}/announce`);
    expect(ports.size).toBe(1);
    expect(closed).toBe(0);
    await client.close();
    await expect.poll(() => closed).toBe(1);
  });

  it('whose first address refuses connections are asked at the next', async () => {
    const port = await serve(() => encodeBencode({ interval: 77, peers: '' }));
    const datagrams = new FakeUdp(() => 0);
    datagrams.names.set('tracker.lan', ['127.0.0.2', '127.0.0.1']);
    const client = createTrackerClient({ clock: systemClock, random: systemRandom, datagrams, httpGet });
    const answer = await announce(client, `http://tracker.lan:${port}/announce`);
    expect(answer).toMatchObject({ intervalSeconds: 77 });
    await client.close();
  });
});

import { afterEach, expect, it } from 'vitest';
import { describeOnLan, finished, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';
import type { CommandEvent, Running } from './running.mjs';

const PORT = 6969;

describeOnLan('a tracker', () => {
  let lan: Lan;
  let tracking: Seat;
  let sharing: Seat;
  let fetching: Seat;
  afterEach(() => lan.close());

  async function begin({ muted }: { muted: boolean }): Promise<string> {
    lan = makeLan({ hosts: 3 });
    if (muted) for (const host of lan.hosts) host.mute();
    [tracking, sharing, fetching] = (await Promise.all(lan.hosts.map(seatAt))) as [Seat, Seat, Seat];
    return `udp://${tracking.host.ipv4}:${PORT}`;
  }

  async function startTracker(): Promise<Running> {
    const tracker = tracking.start(['tracker', '--json']);
    await tracker.event('listening');
    return tracker;
  }

  async function expectFetched(content: Buffer, ...words: readonly string[]): Promise<void> {
    const fetched = await fetching.fetch(...words, '--seed', 'none');
    expect(fetched).toMatchObject({ code: 0, result: { event: 'done', bytes: content.length } });
    expect(sha256(await fetching.read('movie.txt'))).toBe(sha256(content));
  }

  it.each(['udp', 'http'])(
    'brings together by name what multicast does not, with its address by %s, and they know each other from then on',
    async (protocol) => {
      await begin({ muted: true });
      const address = `${protocol}://${tracking.host.ipv4}:${PORT}/announce`;
      const tracker = await startTracker();
      const content = await sharing.put('movie.txt');
      await sharing.share('movie.txt', '--tracker', address);
      const fetch = fetching.start([
        ...['fetch', '--json', 'movie.txt', '--tracker', address, '--seed', 'forever'],
      ]);
      await fetch.event('done');
      expect(sha256(await fetching.read('movie.txt'))).toBe(sha256(content));
      // The tracker is not needed any more.
      tracker.kill('SIGKILL');
      await tracker.exit();
      expect(await listed(sharing)).toEqual([['movie.txt', 2]]);
      fetch.kill('SIGINT');
      await finished(fetch);
    },
  );

  it('is enough for a .torrent that has its address, which share has written there', async () => {
    const url = await begin({ muted: true });
    await startTracker();
    const content = await sharing.put('movie.txt');
    await sharing.share('movie.txt', '--tracker', url);
    await fetching.put('movie.torrent', await sharing.read('movie.torrent'));
    await expectFetched(content, 'movie.torrent');
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('shows what is shared beside it without its address, started %s it', async (_, shareFirst) => {
    const url = await begin({ muted: true });
    const content = await tracking.put('movie.txt');
    if (shareFirst) await tracking.share('movie.txt');
    await startTracker();
    if (!shareFirst) await tracking.share('movie.txt');
    await expectFetched(content, 'movie.txt', '--tracker', url);
  });

  it('tells the name of what it has no .torrent of, once a node that shares it has said it', async () => {
    const url = await begin({ muted: true });
    const tracker = await startTracker();
    await sharing.put('movie.txt');
    const { infoHash } = await sharing.share('movie.txt', '--tracker', url);
    const isNamed = () =>
      tracker.events().some(({ event, name }) => event === 'matched' && name === 'movie.txt');
    for (let run = 1; !isNamed(); run++) {
      await fetching.put(`${run}/beside`);
      await fetching.fetch(infoHash, '--tracker', url, '--seed', 'none', '--out', `${run}`);
    }
  });

  it('that is named makes all shares listed', async () => {
    const url = await begin({ muted: true });
    await startTracker();
    await sharing.put('movie.txt');
    await sharing.share('movie.txt', '--tracker', url);
    await fetching.put('other.txt');
    await fetching.share('other.txt', '--tracker', url);
    expect(await listed(tracking, '--tracker', url)).toEqual([
      ['movie.txt', 1],
      ['other.txt', 1],
    ]);
  });

  it('that starts later is found by mDNS, told of what is shared, and left when it goes', async () => {
    const url = await begin({ muted: false });
    await sharing.put('movie.txt');
    const share = await sharing.share('movie.txt', '--no-beacon', '--no-lsd');
    const tracker = await startTracker();
    const working = await share.event('trackers', { matches: isWorkingAt(url) });
    expect(working).toMatchObject({ trackers: [{ url, seeders: 1, leechers: 0 }] });
    tracker.kill('SIGINT');
    await tracker.exit();
    await share.event('trackers', {
      matches: ({ trackers }) => Array.isArray(trackers) && trackers.length === 0,
    });
  });

  it('that is there already is found by mDNS, and used', async () => {
    const url = await begin({ muted: false });
    await startTracker();
    const content = await sharing.put('movie.txt');
    const share = await sharing.share('movie.txt', '--no-beacon', '--no-lsd');
    await share.event('trackers', { matches: isWorkingAt(url) });
    await expectFetched(content, 'movie.txt', '--no-beacon', '--no-lsd');
  });

  it('is not found with --no-mdns', async () => {
    await begin({ muted: false });
    await startTracker();
    const content = await sharing.put('movie.txt');
    const share = await sharing.share('movie.txt', '--no-mdns');
    await expectFetched(content, 'movie.txt', '--no-mdns');
    expect(share.events().filter(({ event }) => event === 'trackers')).toEqual([]);
  });
});

function isWorkingAt(url: string): (event: CommandEvent) => boolean {
  return ({ trackers }) =>
    Array.isArray(trackers) && trackers.some((one) => one.url === url && one.state === 'working');
}

/** Names and numbers of holders, as `lanshare list` gives them on that host. */
async function listed(
  seat: Seat,
  ...words: readonly string[]
): Promise<readonly (readonly [string, number])[]> {
  const { stdout } = await seat.run(['list', '--json', ...words]);
  const contents = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'content');
  return contents.map(({ name, holders }) => [name, holders.length] as const);
}

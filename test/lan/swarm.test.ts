import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { describeOnLan, finished, MiB, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, type LanOptions, makeLan } from './lab.mjs';

describeOnLan('five hosts', () => {
  let lan: Lan | undefined;
  afterEach(() => lan?.close());

  /** The first is the sharer's. */
  async function seats(options: Omit<LanOptions, 'hosts'>): Promise<[Seat, ...Seat[]]> {
    lan = makeLan({ hosts: 5, ...options });
    const [first, ...others] = await Promise.all(lan.hosts.map(seatAt));
    if (first === undefined) throw new Error('a LAN without hosts');
    return [first, ...others];
  }

  async function fetchEverywhere(fetchers: readonly Seat[], content: Buffer): Promise<void> {
    const results = await Promise.all(fetchers.map((seat) => seat.fetch('movie.bin', '--timeout', '30')));
    expect(results.map(({ code, result }) => ({ code, event: result.event }))).toEqual(
      fetchers.map(() => ({ code: 0, event: 'done' })),
    );
    for (const seat of fetchers) expect(sha256(await seat.read('movie.bin'))).toBe(sha256(content));
  }

  it('four fetchers give each other what they have: the sharer sends less than two copies', async () => {
    const [sharer, ...fetchers] = await seats({ rate: '200mbit' });
    const content = await sharer.put('movie.bin', randomBytes(24 * MiB));
    await sharer.share('movie.bin');
    const before = sharer.host.sentBytes();

    await fetchEverywhere(fetchers, content);

    expect((sharer.host.sentBytes() - before) / content.length).toBeLessThan(2);
  });

  it('a loss of 5 % of the packets delays, and nothing else', async () => {
    const [sharer, ...fetchers] = await seats({ lossPercent: 5 });
    const content = await sharer.put('movie.bin', randomBytes(4 * MiB));
    await sharer.share('movie.bin');

    await fetchEverywhere(fetchers, content);
  });

  it('a fetcher whose host is rebooted half-way goes on where it stopped, and the others do not notice', async () => {
    const [sharer, unlucky, ...others] = await seats({ rate: '60mbit' });
    if (unlucky === undefined) throw new Error('a LAN with one host');
    const content = await sharer.put('movie.bin', randomBytes(12 * MiB));
    await sharer.share('movie.bin');

    const reboot = async (): Promise<void> => {
      const first = unlucky.start(['fetch', '--json', 'movie.bin']);
      await first.event('progress', { matches: ({ bytesDone }) => Number(bytesDone) > content.length / 3 });
      unlucky.host.powerOff();
      await first.exit();
      unlucky.host.plugIn();
      const second = await finished(unlucky.start(['fetch', '--json', 'movie.bin']));
      expect(second).toMatchObject({ code: 0, result: { event: 'done' } });
      expect(Number(second.result['downloadedBytes'])).toBeLessThan(content.length);
      expect(sha256(await unlucky.read('movie.bin'))).toBe(sha256(content));
    };
    await Promise.all([fetchEverywhere(others, content), reboot()]);
  });

  it('a sharer that freezes does not hold up what others have', async () => {
    const [one, two, fetcher] = await seats({ rate: '60mbit' });
    if (two === undefined || fetcher === undefined) throw new Error('a LAN with too few hosts');
    const content = await one.put('movie.bin', randomBytes(12 * MiB));
    await two.put('movie.bin', content);
    const frozen = await one.share('movie.bin');
    await two.share('movie.bin');
    const fetch = fetcher.start(['fetch', '--json', '--seed', 'none', 'movie.bin']);
    await fetch.event('progress', { matches: ({ bytesDone }) => Number(bytesDone) > content.length / 4 });

    frozen.kill('SIGSTOP');

    expect(await finished(fetch)).toMatchObject({ code: 0, result: { event: 'done' } });
    expect(sha256(await fetcher.read('movie.bin'))).toBe(sha256(content));
  });
});

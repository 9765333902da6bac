import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { describeOnLan, finished, MiB, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';
import { addContainerBridge, connect, type NetworkOptions, sentBy, unplug } from './networks.ts';
import type { Running } from './running.mjs';

const SIZE = 12 * MiB;
const SECOND: NetworkOptions = { name: 'eth1', subnet: '10.78.0' };

describeOnLan('two hosts that share two networks', () => {
  let lan: Lan;
  let here: Seat;
  let there: Seat;
  let content: Buffer;
  afterEach(() => lan.close());

  async function begin(second: NetworkOptions, rate?: string): Promise<void> {
    lan = makeLan({ hosts: 2, ...(rate === undefined ? {} : { rate }) });
    connect(lan.host(1), lan.host(2), second);
    here = await seatAt(lan.host(1));
    there = await seatAt(lan.host(2));
    content = await here.put('movie.bin', randomBytes(SIZE));
  }

  const startFetch = (): Running => there.start(['fetch', '--json', 'movie.bin']);

  async function expectWhole(fetch: Running): Promise<void> {
    expect(await finished(fetch)).toMatchObject({ code: 0, result: { event: 'done' } });
    expect(sha256(await there.read('movie.bin'))).toBe(sha256(content));
  }

  it('know each other by the addresses on both', async () => {
    await begin(SECOND);
    await here.share('movie.bin');
    const { stdout } = await there.run(['list', '--json']);
    for (const address of ['10.77.0.1:', '10.78.0.1:', '%eth0]:', '%eth1]:'])
      expect(stdout).toContain(address);
  });

  it.each([
    ['the sharer’s end', 1],
    ['the fetcher’s end', 2],
  ])('go on by the other where the one in use is cut at %s in mid-fetch', async (_, end) => {
    await begin({ ...SECOND, rate: '60mbit' }, '60mbit');
    await here.share('movie.bin');
    const fetch = startFetch();
    await fetch.event('progress', { matches: ({ bytesDone }) => Number(bytesDone) >= SIZE / 8 });
    const [inUse] = networksOf(fetch);
    unplug(lan.host(end), inUse === 'first' ? 'eth0' : 'eth1');
    await expectWhole(fetch);
    expect(networksOf(fetch)).toContain(inUse === 'first' ? 'second' : 'first');
  });

  it.each([
    ['second', { ...SECOND }, '20mbit'],
    ['first', { ...SECOND, rate: '20mbit' }, undefined],
  ])('use the %s more, where that is the faster one', async (faster, second, rate) => {
    await begin(second, rate);
    await here.share('movie.bin');
    await expectWhole(startFetch());
    const [first, other] = [await sentBy(lan.host(1), 'eth0'), await sentBy(lan.host(1), 'eth1')];
    expect(faster === 'first' ? first - other : other - first).toBeGreaterThan(0);
  });

  it('use no tunnel and no container bridge beside a LAN', async () => {
    await begin({ name: 'wg0', subnet: '10.78.0' });
    for (const host of lan.hosts) addContainerBridge(host);
    await here.share('movie.bin');
    const fetch = startFetch();
    await expectWhole(fetch);
    expect(networksOf(fetch)).toEqual(['first']);
    expect(await sentBy(lan.host(1), 'wg0')).toBeLessThan(SIZE / 10);
  });

  it('use a tunnel where there is nothing else', async () => {
    await begin({ name: 'wg0', subnet: '10.78.0' });
    for (const host of lan.hosts) addContainerBridge(host);
    lan.host(1).unplug();
    await here.share('movie.bin');
    const fetch = startFetch();
    await expectWhole(fetch);
    expect(networksOf(fetch)).toEqual(['second']);
  });
});

/** The networks by which the fetch has linked with the sharer, in this order. */
function networksOf(fetch: Running): string[] {
  const linked = fetch.events().filter(({ event, state }) => event === 'peer' && state === 'connected');
  return linked.map(({ address }) => networkOf(String(address)));
}

function networkOf(address: string): string {
  const scope = /%([^\]]+)\]/.exec(address)?.[1];
  if (scope !== undefined) return scope === 'eth0' ? 'first' : 'second';
  return address.startsWith('10.78.0.') ? 'second' : 'first';
}

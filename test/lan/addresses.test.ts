import { randomBytes } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { describeOnLan, finished, MiB, type Seat, seatAt, sha256 } from './command.ts';
import { type Lan, type LanOptions, makeLan } from './lab.mjs';
import { checkNewAddresses, ip } from './networks.ts';
import type { Running } from './running.mjs';

const SIZE = 8 * MiB;

let lan: Lan;
let here: Seat;
let there: Seat;
let content: Buffer;

async function begin(options: Omit<LanOptions, 'hosts'> = {}): Promise<void> {
  lan = makeLan({ hosts: 2, ...options });
  here = await seatAt(lan.host(1));
  there = await seatAt(lan.host(2));
  content = await here.put('movie.bin', randomBytes(SIZE));
}

const startFetch = (...options: readonly string[]): Running =>
  there.start(['fetch', '--json', ...options, 'movie.bin']);

async function expectWhole(fetch: Running): Promise<void> {
  expect(await finished(fetch)).toMatchObject({ code: 0, result: { event: 'done' } });
  expect(sha256(await there.read('movie.bin'))).toBe(sha256(content));
}

async function untilPart(fetch: Running, part: number): Promise<void> {
  await fetch.event('progress', { matches: ({ bytesDone }) => Number(bytesDone) >= SIZE * part });
}

describeOnLan('a LAN that has only IPv6', () => {
  afterEach(() => lan.close());

  it('is enough with link-local addresses alone', async () => {
    await begin({ families: ['ipv6'] });
    for (const host of lan.hosts) ip(host, `addr del ${host.ipv6}/64 dev eth0`);
    const sharer = await here.share('movie.bin');
    expect(JSON.stringify(sharer.events())).toContain('eth0 (fe80::');
    await expectWhole(startFetch());
  });

  it('is enough with unique local addresses alone', async () => {
    await begin({ families: ['ipv6'] });
    for (const host of lan.hosts) {
      ip(host, 'addr flush dev eth0 scope link');
      ip(host, 'route replace ff00::/8 dev eth0 table local');
    }
    await here.share('movie.bin');
    await expectWhole(startFetch());
  });
});

describeOnLan('an address that changes in mid-fetch', () => {
  afterEach(() => lan.close());

  it.each([
    ['the sharer’s', () => here.host],
    ['the fetcher’s', () => there.host],
  ])('%s: the fetch goes on by the new one', async (_, whose) => {
    await begin({ families: ['ipv4'], rate: '40mbit' });
    await here.share('movie.bin');
    const fetch = startFetch();
    await untilPart(fetch, 0.25);
    const host = whose();
    ip(host, `addr del ${host.ipv4}/24 dev eth0`);
    ip(host, `addr add 10.77.0.${100 + host.number}/24 brd + dev eth0`);
    await expectWhole(fetch);
  });
});

describeOnLan('an interface', () => {
  afterEach(() => lan.close());

  it.each([
    ['IPv4', ['ipv4']],
    ['IPv6', ['ipv6']],
  ] as const)('that appears when both are running already is used, with %s alone', async (_, families) => {
    await begin({ families });
    for (const host of lan.hosts) {
      host.unplug();
      if (families[0] === 'ipv6') checkNewAddresses(host, 'eth0');
    }
    await here.share('movie.bin', '--no-beacon');
    const fetch = startFetch('--no-beacon');
    await fetch.event('searching');
    for (const host of lan.hosts) host.plugIn();
    await expectWhole(fetch);
  });

  it('that vanishes in mid-fetch and comes back is used again', async () => {
    await begin({ rate: '40mbit' });
    await here.share('movie.bin');
    const fetch = startFetch();
    await untilPart(fetch, 0.25);
    there.host.unplug();
    await seen();
    there.host.plugIn();
    await expectWhole(fetch);
  });

  it('that was gone while nothing happened still hears who asks', async () => {
    await begin();
    await here.share('movie.bin');
    here.host.unplug();
    await seen();
    here.host.plugIn();
    await expectWhole(startFetch());
  });
});

/** A change of interfaces that has lasted so long has been seen. */
function seen(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 600));
}

import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { startAvahi } from './avahi.ts';
import { seatAt, temporaryFolder } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

describe.skipIf(inject('noAvahiBecause') !== '')('beside the system’s own mDNS responder', () => {
  let lan: Lan;
  beforeEach(() => {
    lan = makeLan({ hosts: 2 });
  });
  afterEach(() => lan.close());

  it('avahi-browse resolves a sharer, and no longer after its goodbye', async () => {
    const here = await seatAt(lan.host(1));
    const avahi = await startAvahi(lan.host(2), await temporaryFolder());
    await here.put('movie.txt');
    const sharer = await here.share('movie.txt');
    const browse = async () => (await avahi.browse('-a', '-p', '-r', '-t')).stdout;

    await expect
      .poll(browse, { timeout: 8_000, interval: 200 })
      .toMatch(/^=;eth0;.*;_lanshare\._tcp;.*10\.77\.0\.1/m);
    expect(await browse()).toContain(`;${sharer.sharing['port']};`);
    await sharer.stop('SIGINT');
    await expect.poll(browse, { timeout: 8_000, interval: 200 }).not.toContain('_lanshare._tcp');
  });

  it('a host that runs avahi fetches and shares by mDNS all the same', async () => {
    const here = await seatAt(lan.host(1));
    const there = await seatAt(lan.host(2));
    await startAvahi(lan.host(2), await temporaryFolder());
    await here.put('movie.txt', 'from here');
    await here.share('movie.txt', '--no-beacon');
    await there.put('reply.txt', 'from there');
    await there.share('reply.txt', '--no-beacon');

    expect(await there.fetch('movie.txt', '--no-beacon')).toMatchObject({ code: 0 });
    expect(await here.fetch('reply.txt', '--no-beacon')).toMatchObject({ code: 0 });
  });
});

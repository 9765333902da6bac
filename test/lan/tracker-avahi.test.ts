import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { startAvahi } from './avahi.ts';
import { seatAt, temporaryFolder } from './command.ts';
import { type Lan, makeLan } from './lab.mjs';

describe.skipIf(inject('noAvahiBecause') !== '')('a tracker, beside the system’s own mDNS responder', () => {
  let lan: Lan;
  beforeEach(() => {
    lan = makeLan({ hosts: 2 });
  });
  afterEach(() => lan.close());

  it('is resolved by avahi-browse, and no longer after its goodbye', async () => {
    const here = await seatAt(lan.host(1));
    const avahi = await startAvahi(lan.host(2), await temporaryFolder());
    const tracker = here.start(['tracker', '--json']);
    await tracker.event('listening');
    const browse = async () => (await avahi.browse('-p', '-r', '-t', '_bittorrent-tracker._udp')).stdout;
    await expect
      .poll(browse, { timeout: 8_000, interval: 200 })
      .toMatch(/^=;eth0;.*;_bittorrent-tracker\._udp;.*;10\.77\.0\.1;6969;"v=1"$/m);
    await tracker.stop('SIGINT');
    await expect.poll(browse, { timeout: 8_000, interval: 200 }).not.toContain('tracker');
  });

  it('is found by nodes where avahi announces it, whatever it is called', async () => {
    const here = await seatAt(lan.host(1));
    const there = await seatAt(lan.host(2));
    const avahi = await startAvahi(lan.host(1), await temporaryFolder(), true);
    await here.start(['tracker', '--json', '--no-mdns']).event('listening');
    avahi.publish('-s', 'Mr. Smith’s tracker', '_bittorrent-tracker._udp', '6969');
    await there.put('movie.txt');
    const share = await there.share('movie.txt');
    await share.event('trackers', {
      matches: ({ trackers }) =>
        Array.isArray(trackers) &&
        trackers.some(({ url, state }) => url === 'udp://10.77.0.1:6969' && state === 'working'),
    });
  });
});

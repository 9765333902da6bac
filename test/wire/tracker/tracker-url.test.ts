import { describe, expect, it } from 'vitest';
import { scrapeAddress, trackerProtocol, udpTracker } from '../../../src/wire/tracker/tracker-url.ts';

describe("a tracker's address", () => {
  it.each([
    ['http://tracker.example/announce', 'http'],
    ['https://tracker.example:8443/announce', 'http'],
    ['HTTP://TRACKER.EXAMPLE/announce', 'http'],
    ['udp://tracker.example:6969/announce', 'udp'],
    ['udp://[fd77::1]:6969', 'udp'],
    ['udp://tracker.example/announce', { unusable: 'its address has no host or port' }],
    ['wss://tracker.example', { unusable: 'lanshare does not speak wss with trackers' }],
    ['file:///etc/passwd', { unusable: 'lanshare does not speak file with trackers' }],
    ['tracker', { unusable: 'its address is no URL' }],
    ['', { unusable: 'its address is no URL' }],
    [`http://t/${'x'.repeat(3_000)}`, { unusable: 'its address is longer than 2048 bytes' }],
  ])('%s is asked by %j', (url, protocol) => {
    expect(trackerProtocol(url)).toEqual(protocol);
  });

  it.each([
    ['udp://tracker.example:6969', { host: 'tracker.example', port: 6969 }, ''],
    ['udp://10.0.0.1:80/', { host: '10.0.0.1', port: 80 }, ''],
    ['udp://[FD77::1]:6969/announce?key=1', { host: 'fd77::1', port: 6969 }, '/announce?key=1'],
  ])('%s names a place and what stands behind it', (url, endpoint, urlData) => {
    expect(udpTracker(url)).toEqual({ endpoint, urlData });
  });

  // The examples of BEP 48.
  it.each([
    ['http://example.com/announce', 'http://example.com/scrape'],
    ['http://example.com/x/announce', 'http://example.com/x/scrape'],
    ['http://example.com/announce.php', 'http://example.com/scrape.php'],
    ['http://example.com/a', undefined],
    ['http://example.com/announce?x2%0644', 'http://example.com/scrape?x2%0644'],
    ['http://example.com/announce?x=2/4', undefined],
    ['http://example.com/x%064announce', undefined],
  ])('%s is scraped at %s', (announce, scrape) => {
    expect(scrapeAddress(announce)).toBe(scrape);
  });
});

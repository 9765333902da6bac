import { describe, expect, it } from 'vitest';
import type { NetworkInterface } from '../../src/platform/interfaces.ts';
import { trackerUrls } from '../../src/tracker-server/tracker-urls.ts';

function networkInterface(kind: NetworkInterface['kind'], ...addresses: readonly string[]): NetworkInterface {
  return {
    name: kind,
    index: 1,
    kind,
    addresses: addresses.map((address) =>
      address.includes(':')
        ? { family: 'IPv6', address, prefixLength: 64, scopeId: 0 }
        : { family: 'IPv4', address, prefixLength: 24, broadcast: undefined },
    ),
  };
}

const INTERFACES = [
  networkInterface('lan', 'fd77::1', 'fe80::1', '10.77.0.1', '169.254.3.4'),
  networkInterface('loopback', '127.0.0.1', '::1'),
  networkInterface('tunnel', '10.8.0.1'),
  networkInterface('container bridge', '172.17.0.1'),
];

function hosts(urls: readonly string[]): readonly string[] {
  return urls.filter((url) => url.startsWith('udp:')).map((url) => url.slice('udp://'.length));
}

describe("a tracker's URLs", () => {
  it('are by UDP and by HTTP', () => {
    expect(trackerUrls([networkInterface('lan', '10.77.0.1')], undefined, 6969, false)).toEqual([
      'udp://10.77.0.1:6969/announce',
      'http://10.77.0.1:6969/announce',
    ]);
  });

  it('name the addresses that others can reach, IPv4 first', () => {
    expect(hosts(trackerUrls(INTERFACES, undefined, 1, false))).toEqual([
      '10.77.0.1:1/announce',
      '10.8.0.1:1/announce',
      '[fd77::1]:1/announce',
    ]);
  });

  it('name the address that it listens on, whatever it is', () => {
    for (const host of ['127.0.0.1', '172.17.0.1']) {
      expect(hosts(trackerUrls(INTERFACES, host, 1, false))).toEqual([`${host}:1/announce`]);
    }
  });

  it('name public addresses only where these are served', () => {
    const interfaces = [networkInterface('lan', '2a00:1234::1', 'fd77::1', '8.8.4.4', '10.77.0.1')];
    expect(hosts(trackerUrls(interfaces, undefined, 1, false))).toEqual([
      '10.77.0.1:1/announce',
      '[fd77::1]:1/announce',
    ]);
    expect(trackerUrls(interfaces, undefined, 1, true)).toHaveLength(8);
    expect(hosts(trackerUrls(interfaces, '8.8.4.4', 1, false))).toEqual(['8.8.4.4:1/announce']);
  });

  it('have IPv4 addresses alone where it listens on these', () => {
    expect(hosts(trackerUrls(INTERFACES, '0.0.0.0', 1, false))).toEqual([
      '10.77.0.1:1/announce',
      '10.8.0.1:1/announce',
    ]);
  });

  it('are none where no URL can say the address', () => {
    expect(trackerUrls(INTERFACES, 'fe80::1%eth0', 1, false)).toEqual([]);
  });

  it('are for this machine where there is no network', () => {
    expect(hosts(trackerUrls([networkInterface('loopback', '127.0.0.1')], undefined, 1, false))).toEqual([
      '127.0.0.1:1/announce',
    ]);
  });

  it('are not endless', () => {
    const many = Array.from({ length: 50 }, (_, at) => `10.0.0.${at}`);
    expect(trackerUrls([networkInterface('lan', ...many)], undefined, 1, false)).toHaveLength(16);
  });
});

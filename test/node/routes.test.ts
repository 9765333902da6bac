import { describe, expect, it } from 'vitest';
import { INTERFACE_POLL_MS } from '../../src/limits.ts';
import { ownAddresses, routesBy, routeTo } from '../../src/node/routes.ts';
import type { InterfaceKind, NetworkInterface } from '../../src/platform/interfaces.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

function v4(name: string, kind: InterfaceKind, address: string): NetworkInterface {
  return {
    name,
    index: undefined,
    kind,
    addresses: [{ family: 'IPv4', address, prefixLength: 24, broadcast: undefined }],
  };
}

const eth0: NetworkInterface = {
  ...v4('eth0', 'lan', '192.168.1.2'),
  addresses: [
    ...v4('eth0', 'lan', '192.168.1.2').addresses,
    { family: 'IPv6', address: 'fd77::2', prefixLength: 64, scopeId: 0 },
    { family: 'IPv6', address: 'fe80::2', prefixLength: 64, scopeId: 2 },
  ],
};
const interfaces = [
  eth0,
  v4('wlan0', 'lan', '192.168.2.2'),
  v4('lo', 'loopback', '127.0.0.1'),
  v4('wg0', 'tunnel', '10.8.0.2'),
  v4('docker0', 'container bridge', '172.17.0.1'),
];

describe("which of a peer's addresses is dialled first", () => {
  it('goes by the kind of the network it lies on', () => {
    const hosts = ['172.17.0.9', '10.8.0.9', '8.8.8.8', 'fe80::9%eth0', '192.168.1.9', '127.0.0.1'];
    const preference = (host: string): number => routeTo(host, interfaces).preference;
    expect(hosts.toSorted((a, b) => preference(a) - preference(b))).toEqual(hosts.toReversed());
  });

  it('is one of our own where the peer is on our host', () => {
    const loopback = routeTo('127.0.0.1', interfaces);
    for (const host of ['192.168.1.2', 'fd77::2', 'fe80::2%eth0'])
      expect(routeTo(host, interfaces)).toEqual(loopback);
  });

  it('tells LANs apart, and names nothing else one', () => {
    const lan = (host: string): string | undefined => routeTo(host, interfaces).lan;
    const hosts = [
      '192.168.1.9',
      'fd77::9',
      'fe80::9%eth0',
      '192.168.2.9',
      '10.8.0.9',
      '172.17.0.9',
      '8.8.8.8',
    ];
    expect(hosts.map(lan)).toEqual(['eth0', 'eth0', 'eth0', 'wlan0', undefined, undefined, undefined]);
  });

  it('has tunnels and container bridges as the last resort alone', () => {
    const hosts = ['127.0.0.1', '192.168.1.9', 'fe80::9%eth0', '8.8.8.8', '10.8.0.9', '172.17.0.9'];
    const lastResort = hosts.filter((host) => routeTo(host, interfaces).lastResort);
    expect(lastResort).toEqual(['10.8.0.9', '172.17.0.9']);
  });

  it('follows the interfaces as they come and go', async () => {
    const clock = new VirtualClock();
    let now: readonly NetworkInterface[] = [];
    const routeOf = routesBy(() => now, clock);
    expect(routeOf({ host: '192.168.1.9', port: 1 }).lan).toBeUndefined();
    now = interfaces;
    await clock.advance(INTERFACE_POLL_MS + 1);
    expect(routeOf({ host: '192.168.1.9', port: 1 }).lan).toBe('eth0');
  });
});

describe('our own addresses', () => {
  it('are those of all interfaces, without scopes', () => {
    expect([...ownAddresses(interfaces)]).toEqual([
      '192.168.1.2',
      'fd77::2',
      'fe80::2',
      '192.168.2.2',
      '127.0.0.1',
      '10.8.0.2',
      '172.17.0.1',
    ]);
  });
});

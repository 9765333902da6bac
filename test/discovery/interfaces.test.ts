import type { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { INTERFACE_POLL_MS } from '../../src/limits.ts';
import {
  describeInterface,
  type NetworkInterface,
  readInterfaces,
  selectInterfaces,
  systemInterfaces,
  watchInterfaces,
} from '../../src/platform/interfaces.ts';
import { readTentative } from '../../src/platform/tentative-addresses.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

type System = ReturnType<typeof networkInterfaces>;

function system(addresses: Record<string, readonly string[]>): System {
  const infos = Object.entries(addresses).map(([name, cidrs]) => [name, cidrs.map(info)]);
  return Object.fromEntries(infos) as System;
}

function info(cidr: string): NonNullable<System[string]>[number] {
  const [address = ''] = cidr.split('/');
  const internal = address === '::1' || address.startsWith('127.');
  const common = { address, cidr, netmask: '', mac: '', internal };
  return address.includes(':')
    ? { ...common, family: 'IPv6', scopeid: address.startsWith('fe80') ? 4 : 0 }
    : { ...common, family: 'IPv4' };
}

const only = (name: string, ...cidrs: string[]): NetworkInterface | undefined =>
  readInterfaces(system({ [name]: cidrs }))[0];

describe('network interfaces', () => {
  it('are read with all their addresses, families and the broadcast address of each subnet', () => {
    expect(only('eth0', '10.77.3.2/22', '192.168.7.9/24', 'fd77::2/64', 'fe80::1/64')).toEqual({
      name: 'eth0',
      index: 4,
      kind: 'lan',
      addresses: [
        { family: 'IPv4', address: '10.77.3.2', prefixLength: 22, broadcast: '10.77.3.255' },
        { family: 'IPv4', address: '192.168.7.9', prefixLength: 24, broadcast: '192.168.7.255' },
        { family: 'IPv6', address: 'fd77::2', prefixLength: 64, scopeId: 0 },
        { family: 'IPv6', address: 'fe80::1', prefixLength: 64, scopeId: 4 },
      ],
    });
  });

  it.each([
    ['10.0.0.1/31', undefined],
    ['10.0.0.1/32', undefined],
    ['10.0.0.1/30', '10.0.0.3'],
    ['127.0.0.1/8', '127.255.255.255'],
    ['200.1.2.3/1', '255.255.255.255'],
  ])('have the broadcast address of %s, if there is one', (cidr, broadcast) => {
    expect(only('x0', cidr)?.addresses[0]).toMatchObject({ broadcast });
  });

  it.each([
    ['eth0', 'lan'],
    ['enp3s0', 'lan'],
    ['wlan0', 'lan'],
    ['br0', 'lan'],
    ['Wi-Fi', 'lan'],
    ['docker0', 'container bridge'],
    ['br-1a2b3c4d5e6f', 'container bridge'],
    ['veth12ab', 'container bridge'],
    ['virbr0', 'container bridge'],
    ['vEthernet (WSL)', 'container bridge'],
    ['tun0', 'tunnel'],
    ['wg0', 'tunnel'],
    ['utun3', 'tunnel'],
    ['tailscale0', 'tunnel'],
    ['ztabcdef', 'tunnel'],
  ])('named %s are of a %s', (name, kind) => {
    expect(only(name, '10.0.0.1/24')?.kind).toBe(kind);
  });

  it('without a hardware address are tunnels, whatever their name', () => {
    const kindWith = (mac: string): string | undefined =>
      readInterfaces({ corp: [{ ...info('10.0.0.1/24'), mac }] })[0]?.kind;
    expect([kindWith('00:00:00:00:00:00'), kindWith('02:fc:00:00:00:01')]).toEqual(['tunnel', 'lan']);
  });

  it('have no addresses that cannot be used yet', () => {
    const one = system({ eth0: ['10.0.0.1/24', 'fe80::1/64', 'fd77::2/64'], eth1: ['fe80::1/64'] });
    const shown = (...unusable: string[]): string[] =>
      readInterfaces(one, new Set(unusable)).map(
        ({ name, addresses }) => `${name} ${addresses.map(({ address }) => address).join(' ')}`,
      );
    expect(shown('fe80::1%eth0')).toEqual(['eth0 10.0.0.1 fd77::2', 'eth1 fe80::1']);
    expect(shown('fe80::1%eth1')).toEqual(['eth0 10.0.0.1 fe80::1 fd77::2']);
  });

  it('tell on Linux which addresses are still being checked', () => {
    const lines = [
      '00000000000000000000000000000001 01 80 10 80       lo',
      'fe800000000000000042acfffe110002 04 40 20 c0     eth0',
      'fd770000000000000000000000000002 04 40 00 c8     eth0',
      'fd770000000000000000000000000003 04 40 00 c4     eth0',
      'fd770000000000000000000000000004 04 40 00 80     eth0',
      'not a line',
    ];
    expect(readTentative(lines.join('\n'))).toEqual(new Set(['fe80::42:acff:fe11:2%eth0', 'fd77::2%eth0']));
  });

  it('stand with the LAN first, container bridges last', () => {
    const all = system({
      docker0: ['172.17.0.1/16'],
      lo: ['127.0.0.1/8'],
      tun0: ['10.8.0.2/24'],
      eth0: ['10.0.0.1/24'],
    });
    expect(readInterfaces(all).map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'eth0 lan',
      'lo loopback',
      'tun0 tunnel',
      'docker0 container bridge',
    ]);
  });

  it('are described by their routable addresses, or else by what they have', () => {
    const shown = (...cidrs: string[]): string | undefined => {
      const one = only('eth0', ...cidrs);
      return one === undefined ? undefined : describeInterface(one);
    };
    expect(shown('10.77.0.2/24', 'fd77::2/64', 'fe80::1/64')).toBe('eth0 (10.77.0.2, fd77::2)');
    expect(shown('fe80::1/64')).toBe('eth0 (fe80::1)');
  });

  it('of this machine can be read', () => {
    for (const { name, addresses } of systemInterfaces()) {
      expect(name).not.toBe('');
      expect(addresses.length).toBeGreaterThan(0);
    }
  });

  it('are chosen by name, and a name that does not exist is told with those that do', () => {
    const all = readInterfaces(system({ eth0: ['10.0.0.1/24'], wlan0: ['10.1.0.1/24'] }));
    const names = (chosen: readonly NetworkInterface[]): string[] => chosen.map(({ name }) => name);
    expect(names(selectInterfaces(all, ['wlan0']))).toEqual(['wlan0']);
    expect(names(selectInterfaces(all, []))).toEqual(['eth0', 'wlan0']);
    expect(names(selectInterfaces(all, undefined))).toEqual(['eth0', 'wlan0']);
    expect(() => selectInterfaces(all, ['eth0', 'eth1'])).toThrow(
      expect.objectContaining({
        code: 'NO_USABLE_INTERFACE',
        message: 'there is no network interface eth1 with an address',
        hint: 'these exist: eth0, wlan0',
      }),
    );
  });
});

describe('watching interfaces', () => {
  it('tells a real change, once, and nothing else', async () => {
    const clock = new VirtualClock();
    let now = system({ eth0: ['10.0.0.1/24', 'fe80::1/64'] });
    const seen: string[][] = [];
    const watcher = watchInterfaces(
      clock,
      (all) => seen.push(all.map(describeInterface)),
      () => readInterfaces(now),
    );
    await clock.advance(5 * INTERFACE_POLL_MS);
    now = system({ eth0: ['fe80::1/64', '10.0.0.1/24'] });
    await clock.advance(5 * INTERFACE_POLL_MS);
    expect(seen).toEqual([]);
    now = system({ eth0: ['10.0.0.9/24', 'fe80::1/64'] });
    await clock.advance(5 * INTERFACE_POLL_MS);
    now = {};
    await clock.advance(INTERFACE_POLL_MS);
    expect(seen).toEqual([['eth0 (10.0.0.9)'], []]);
    watcher.cancel();
    now = system({ eth0: ['10.0.0.1/24'] });
    await clock.advance(5 * INTERFACE_POLL_MS);
    expect(seen).toHaveLength(2);
  });
});

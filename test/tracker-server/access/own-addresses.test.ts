import { describe, expect, it } from 'vitest';
import type { NetworkInterface } from '../../../src/platform/interfaces.ts';
import { addressText, readAddress } from '../../../src/tracker-server/access/address-words.ts';
import { ownAddresses } from '../../../src/tracker-server/access/own-addresses.ts';

const INTERFACES: readonly NetworkInterface[] = [
  {
    name: 'eth0',
    index: 2,
    kind: 'lan',
    addresses: [
      { family: 'IPv4', address: '10.77.0.1', prefixLength: 24, broadcast: '10.77.0.255' },
      { family: 'IPv6', address: 'fd77::1', prefixLength: 64, scopeId: 0 },
    ],
  },
  {
    name: 'eth1',
    index: 3,
    kind: 'lan',
    addresses: [{ family: 'IPv4', address: '10.88.0.1', prefixLength: 16, broadcast: '10.88.255.255' }],
  },
];

describe('the machine’s own address', () => {
  it.each([
    ['10.77.0.9', '10.77.0.1'],
    ['10.88.200.9', '10.88.0.1'],
    ['fd77::9', 'fd77::1'],
    ['10.78.0.9', undefined],
    ['fd78::9', undefined],
  ])('as %s reaches it is %s', (asker, expected) => {
    const words = new Uint32Array(4);
    const family = readAddress(asker, words) ?? 'IPv4';
    const own = ownAddresses(() => INTERFACES)(words, family);
    expect(own && addressText(own, family)).toBe(expected);
  });
});

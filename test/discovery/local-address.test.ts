import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLocalAddress, linkOf } from '../../src/discovery/local-address.ts';
import { addressBytes } from '../../src/platform/endpoint.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { VirtualLan } from '../support/virtual-lan.ts';

const host = new VirtualLan(new VirtualClock(), seededRandom(1)).host({
  eth0: ['10.77.0.1/24', 'fe80::1/64', '2001:db8:1::1/64'],
  eth1: ['198.51.100.1/25'],
});
const interfaces = host.interfaces();

describe('addresses of this LAN', () => {
  it.each([
    '10.200.1.1',
    '172.31.255.1',
    '192.168.1.1',
    '169.254.3.4',
    '100.64.0.1',
    '127.0.0.53',
    '::1',
    'fe80::abcd%eth0',
    'fd00::1',
    '198.51.100.126',
    '2001:db8:1::ffff',
  ])('%s is one', (address) => {
    expect(isLocalAddress(address, interfaces)).toBe(true);
  });

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '198.51.100.129',
    '2001:db8:2::1',
    'example.org',
    '1.2.3',
    '',
    '::ffff:0:0:1.2.3.4:5',
  ])('%s is none', (address) => {
    expect(isLocalAddress(address, interfaces)).toBe(false);
  });

  it('belong to the link of their subnet, or of their scope', () => {
    expect(linkOf('10.77.0.200', interfaces)?.name).toBe('eth0');
    expect(linkOf('198.51.100.7', interfaces)?.name).toBe('eth1');
    expect(linkOf('fe80::9%eth1', interfaces)?.name).toBe('eth1');
    expect(linkOf('fe80::9%eth7', interfaces)).toBeUndefined();
    expect(linkOf('10.78.0.1', interfaces)).toBeUndefined();
  });
});

describe('the bytes of an address', () => {
  it('are those that were written', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect([...(addressBytes(address) ?? [])].join('.')).toBe(address);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        // The URL parser writes IPv6 addresses in one way only (RFC 5952), so equal bytes are equal texts.
        const bytes = Buffer.from(addressBytes(address) ?? []);
        const groups = bytes.toString('hex').match(/.{4}/g)?.join(':');
        expect(new URL(`http://[${groups}]`).host).toBe(new URL(`http://[${address}]`).host);
      }),
    );
  });

  it.each([
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1::',
    '12345::',
    '256.1.1.1',
    '1.2.3.4.5',
    'g::1',
  ])('do not exist for %j', (text) => {
    expect(addressBytes(text)).toBeUndefined();
  });
});

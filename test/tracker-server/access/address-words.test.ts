import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../../src/platform/endpoint.ts';
import { isPublicAddress } from '../../../src/platform/public-address.ts';
import { addressScope } from '../../../src/tracker-server/access/address-scope.ts';
import { addressText, readAddress } from '../../../src/tracker-server/access/address-words.ts';
import { bytes } from '../../wire/tracker/arbitrary-announce.ts';

const ipv4 = bytes(4).map(addressFromBytes);
const ipv6 = bytes(16).map(addressFromBytes);

describe('an address in words', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (address) => {
        const { family, words } = read(address);
        fc.pre(!address.startsWith('::ffff:'));
        expect(family).toBe(address.includes(':') ? 'IPv6' : 'IPv4');
        expect(addressText(words, family ?? 'IPv4')).toBe(address);
      }),
    );
  });

  it.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
  ])('%s is %s in IPv6 clothes', (mapped, address) => {
    expect(read(mapped)).toEqual({ family: 'IPv4', words: read(address).words });
  });

  it('has no scope', () => {
    expect(read('fe80::1%eth0')).toEqual(read('fe80::1'));
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1..2.3',
    '1.2.3.',
    '0001.2.3.4',
    '1.2.3.4 ',
    ':::',
  ])('%j is none', (text) => {
    expect(read(text).family).toBeUndefined();
  });
});

describe('the scope of an address', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['10.77.0.2', 'private'],
    ['192.168.1.1', 'private'],
    ['192.0.2.7', 'private'],
    ['172.31.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd77::2', 'private'],
    ['8.8.8.8', 'public'],
    ['2a00:1450:4001:810::200e', 'public'],
    ['64:ff9b::7f00:1', 'private'],
    ['0.0.0.0', 'none'],
    ['224.0.0.251', 'none'],
    ['255.255.255.255', 'none'],
    ['::', 'none'],
    ['ff02::1', 'none'],
  ])('of %s is %s', (address, scope) => {
    expect(scopeOf(address)).toBe(scope);
  });

  it('is public for the same addresses as everywhere in lanshare', () => {
    const near = (first: readonly number[]) =>
      bytes(4).map((rest) => addressFromBytes(Uint8Array.from([...first, ...rest].slice(0, 4))));
    const borders = [
      [100, 63],
      [100, 64],
      [100, 127],
      [100, 128],
      [172, 15],
      [172, 16],
      [192, 0, 0],
      [192, 0, 1],
      [192, 0, 2],
      [198, 17],
      [198, 18],
      [198, 51, 100],
      [203, 0, 113],
    ];
    const ipv6Borders = [
      '2001::',
      '2001:db8::',
      '2002:a00::',
      '2002:808::',
      '64:ff9b::',
      '2000::',
      '4000::',
      'fec0::',
      'fe80::',
    ];
    const address = fc.oneof(
      ipv4,
      ipv6,
      ...borders.map(near),
      fc
        .tuple(fc.constantFrom(...ipv6Borders), fc.nat(0xffff))
        .map(([net, last]) => `${net}${last.toString(16)}`),
    );
    fc.assert(
      fc.property(address, (text) => {
        expect([text, scopeOf(text) === 'public']).toEqual([text, isPublicAddress(text)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

function read(text: string) {
  const words = new Uint32Array(4);
  return { family: readAddress(text, words), words };
}

function scopeOf(address: string) {
  const { family, words } = read(address);
  return family === undefined ? undefined : addressScope(words, family);
}

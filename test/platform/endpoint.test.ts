import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, addressFromBytes, parseEndpoint } from '../../src/platform/endpoint.ts';

const bytesOf = (text: string): Uint8Array => addressBytes(text) ?? new Uint8Array();

describe('an address from its bytes', () => {
  it.each([
    '10.77.0.2',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::',
    'fe80::1:2:3:4',
    '2001:db8:0:1:1:1:1:1',
    '2001:db8::1:0:0:1',
    '2001:0:0:1::1',
    '10:0:0:1::',
    '1:2:3:4:5:6:7:8',
    'fc12:3456:789a:bcde:f012:3456:789a:bcde',
  ])('is written as RFC 5952 has it: %s', (text) => {
    expect(addressFromBytes(bytesOf(text))).toBe(text);
  });

  it.each([
    ['2001:0db8:0:0:0:0:0:0001', '2001:db8::1'],
    ['2001:DB8:0:0:1::1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
  ])('is the same however it was written: %s', (text, canonical) => {
    expect(addressFromBytes(bytesOf(text))).toBe(canonical);
  });

  it('reads back to the same bytes', () => {
    const group = fc.oneof(fc.constant(0), fc.constant(1), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Uint8Array.from(groups.flatMap((value) => [value >> 8, value & 0xff]));
        expect(addressBytes(addressFromBytes(bytes))).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an endpoint as a person writes it', () => {
  it.each([
    ['nas', { host: 'nas', port: 7 }],
    ['nas:5', { host: 'nas', port: 5 }],
    ['10.77.0.2:5', { host: '10.77.0.2', port: 5 }],
    ['fd77::1', { host: 'fd77::1', port: 7 }],
    ['1:2:3:4:5:6:7:8', { host: '1:2:3:4:5:6:7:8', port: 7 }],
    ['fe80::1%eth0', { host: 'fe80::1%eth0', port: 7 }],
    ['[fe80::1%eth0]:5', { host: 'fe80::1%eth0', port: 5 }],
    ['[fd77::1]', { host: 'fd77::1', port: 7 }],
  ])('%s', (text, endpoint) => {
    expect(parseEndpoint(text, 7)).toEqual(endpoint);
  });

  it.each(['', 'a:b:c', 'a:0', 'a:65536', 'fd77::1:47470', '[fd77::1', '[nas]:5', 'fe80::1%a b', 'a b'])(
    '%j is none',
    (text) => {
      expect(parseEndpoint(text, 7)).toBeUndefined();
    },
  );
});

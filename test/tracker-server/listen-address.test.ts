import { describe, expect, it } from 'vitest';
import { listenAddress } from '../../src/tracker-server/listen-address.ts';

describe('the address to listen on', () => {
  it.each([
    [undefined, undefined],
    ['::', undefined],
    ['0:0::0', undefined],
    ['0.0.0.0', '0.0.0.0'],
    ['10.77.0.1', '10.77.0.1'],
    ['::ffff:10.77.0.1', '10.77.0.1'],
    ['FD77:0::1', 'fd77::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('that is given as %s is %s', (given, expected) => {
    expect(listenAddress(given)).toBe(expected);
  });
});

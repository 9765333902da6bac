import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';

/**
 * From where an address can be reached: this machine, this link, the networks of one site, everywhere. `none` is
 * nobody's: unspecified, multicast, broadcast, reserved (IANA's special-purpose registries, RFC 6890).
 */
export type AddressScope = 'loopback' | 'link-local' | 'private' | 'public' | 'none';

/** Whom a tracker serves, and hands out: everybody near by, and where it is allowed everybody else. */
export function isServed(scope: AddressScope, allowPublic: boolean): boolean {
  return scope === 'public' ? allowPublic : scope !== 'none';
}

export function addressScope(words: Uint32Array, family: AddressFamily): AddressScope {
  return family === 'IPv4' ? ipv4Scope(words[0] ?? 0) : ipv6Scope(words);
}

function ipv4Scope(address: number): AddressScope {
  const first = address >>> 24;
  switch (first) {
    case 10:
      return 'private';
    case 127:
      return 'loopback';
    case 0:
      return 'none';
    case 100:
      return isIn(address, 0x64400000, 10) ? 'private' : 'public';
    case 169:
      return isIn(address, 0xa9fe0000, 16) ? 'link-local' : 'public';
    case 172:
      return isIn(address, 0xac100000, 12) ? 'private' : 'public';
    case 192:
      return isIn(address, 0xc0a80000, 16) || isProtocolsOrTestNet(address) ? 'private' : 'public';
    case 198:
      return isIn(address, 0xc6120000, 15) || isIn(address, 0xc6336400, 24) ? 'private' : 'public';
    case 203:
      return isIn(address, 0xcb007100, 24) ? 'private' : 'public';
    default:
      return first >= 224 ? 'none' : 'public';
  }
}

/** Protocol assignments, and TEST-NET-1, which labs use. */
function isProtocolsOrTestNet(address: number): boolean {
  return isIn(address, 0xc0000000, 24) || isIn(address, 0xc0000200, 24);
}

function isIn(address: number, network: number, bits: number): boolean {
  return (address ^ network) >>> (32 - bits) === 0;
}

function ipv6Scope(words: Uint32Array): AddressScope {
  const [first = 0, second = 0, third = 0, fourth = 0] = words;
  if (first === 0 && second === 0 && third === 0) {
    if (fourth === 1) return 'loopback';
    return fourth === 0 ? 'none' : 'private';
  }
  // Addresses that have an IPv4 one inside are what that is: NAT64 (RFC 6052), 6to4 (RFC 3056).
  if (first === 0x0064ff9b && second === 0 && third === 0) return inside(ipv4Scope(fourth));
  if (first >>> 16 === 0x2002) return inside(ipv4Scope(((first << 16) | (second >>> 16)) >>> 0));
  if (first >>> 22 === 0xfe80 >>> 6) return 'link-local';
  if (first >>> 24 === 0xff) return 'none';
  if (first >>> 29 !== 1) return 'private';
  // Teredo, which has an IPv4 address inside, and documentation.
  return first === 0x20010000 || first === 0x20010db8 ? 'private' : 'public';
}

/** Another machine's loopback, or link, is not ours. */
function inside(scope: AddressScope): AddressScope {
  return scope === 'public' ? 'public' : 'private';
}

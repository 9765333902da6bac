import { readFileSync } from 'node:fs';
import { addressFromBytes } from './endpoint.ts';

const LINUX_IPV6_ADDRESSES = '/proc/net/if_inet6';

/**
 * IPv6 addresses that cannot be used yet, as `address%interface`: for a second or two, a new one is checked for
 * being in use elsewhere (RFC 4862 section 5.4), and what is sent meanwhile is lost. Only Linux tells.
 */
export function tentativeAddresses(): ReadonlySet<string> {
  try {
    return readTentative(readFileSync(LINUX_IPV6_ADDRESSES, 'latin1'));
  } catch {
    return new Set();
  }
}

/** From the text of /proc/net/if_inet6: address, interface number, prefix length, scope, flags, name; in hex. */
export function readTentative(text: string): ReadonlySet<string> {
  const lines = text.matchAll(/^([0-9a-f]{32}) +\S+ +\S+ +\S+ +([0-9a-f]+) +(\S+)$/gm);
  const tentative = new Set<string>();
  for (const [, digits = '', flags = '', name = ''] of lines)
    if (isTentative(Number.parseInt(flags, 16)))
      tentative.add(`${addressFromBytes(Buffer.from(digits, 'hex'))}%${name}`);
  return tentative;
}

/** linux/if_addr.h. An optimistic address may be used while it is checked (RFC 4429). */
const OPTIMISTIC = 0x04;
const CHECK_FAILED = 0x08;
const TENTATIVE = 0x40;

function isTentative(flags: number): boolean {
  return (flags & CHECK_FAILED) !== 0 || (flags & (TENTATIVE | OPTIMISTIC)) === TENTATIVE;
}

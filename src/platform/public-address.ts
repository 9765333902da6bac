import { BlockList } from 'node:net';
import { addressBytes, addressFromBytes, unmapAddress } from './endpoint.ts';

/**
 * Whether an address is one of the Internet's: not private, loopback, link-local, shared, multicast, reserved or
 * unspecified (IANA's special-purpose registries, RFC 6890). An IPv6 address that stands for an IPv4 one is what
 * that is (NAT64, RFC 6052; 6to4, RFC 3056). What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  const bytes = addressBytes(unmapAddress(address));
  if (bytes === undefined) return false;
  if (bytes.length === 4) return !SPECIAL_IPV4.check(bytes.join('.'), 'ipv4');
  const text = addressFromBytes(bytes);
  if (NAT64.check(text, 'ipv6')) return isPublicAddress(addressFromBytes(bytes.subarray(12)));
  if (SIX_TO_FOUR.check(text, 'ipv6')) return isPublicAddress(addressFromBytes(bytes.subarray(2, 6)));
  return GLOBAL_UNICAST.check(text, 'ipv6') && !SPECIAL_IPV6.check(text, 'ipv6');
}

const SPECIAL_IPV4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
const NAT64 = blockList('ipv6', ['64:ff9b::/96']);
const SIX_TO_FOUR = blockList('ipv6', ['2002::/16']);
/** All that IANA has given out; fc00::/7, fe80::/10, ff00::/8 and ::1 lie outside it. */
const GLOBAL_UNICAST = blockList('ipv6', ['2000::/3']);
/** Teredo, which has an IPv4 address inside, and documentation. */
const SPECIAL_IPV6 = blockList('ipv6', ['2001::/32', '2001:db8::/32']);

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}

import { MAX_TRACKER_URL_ADDRESSES } from '../limits.ts';
import { formatEndpoint } from '../platform/endpoint.ts';
import { isLinkLocal, type NetworkInterface } from '../platform/interfaces.ts';
import { isPublicAddress } from '../platform/public-address.ts';

const ALL_IPV4 = '0.0.0.0';

/**
 * Where a tracker that listens on `host` (undefined: everywhere) is announced to: by UDP and by HTTP at each address of
 * this machine that others can reach, IPv4 first; at the loopback address where there is no other. A public address is
 * one only where public addresses are served: whoever comes to it over IPv6 comes from one himself. None where it listens
 * on a link-local IPv6 address alone: no URL can say its scope (RFC 6874 has not come into use).
 */
export function trackerUrls(
  interfaces: readonly NetworkInterface[],
  host: string | undefined,
  port: number,
  allowPublic: boolean,
): readonly string[] {
  return addressesOf(interfaces, host, allowPublic)
    .slice(0, MAX_TRACKER_URL_ADDRESSES)
    .map((address) => formatEndpoint({ host: address, port }))
    .flatMap((at) => [`udp://${at}/announce`, `http://${at}/announce`]);
}

function addressesOf(
  interfaces: readonly NetworkInterface[],
  host: string | undefined,
  allowPublic: boolean,
): readonly string[] {
  if (host?.includes('%') === true) return [];
  if (host !== undefined && host !== ALL_IPV4) return [host];
  const reachable = interfaces
    .filter(({ kind }) => kind === 'lan' || kind === 'tunnel')
    .flatMap(({ addresses }) => addresses.filter((address) => !isLinkLocal(address)))
    .filter(({ family }) => family === 'IPv4' || host !== ALL_IPV4)
    .filter(({ address }) => allowPublic || !isPublicAddress(address))
    .sort((one, other) => one.family.localeCompare(other.family))
    .map(({ address }) => address);
  return reachable.length > 0 ? reachable : ['127.0.0.1'];
}

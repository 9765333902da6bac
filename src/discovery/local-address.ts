import { addressBytes } from '../platform/endpoint.ts';
import { type InterfaceAddress, isLinkLocal, type NetworkInterface } from '../platform/interfaces.ts';

/**
 * Whether an address belongs to this LAN: private (RFC 1918, 4193), shared (RFC 6598), link-local, loopback,
 * or inside a subnet of one of our interfaces, as in networks where every host has a public address. Nothing
 * else is answered, so that nobody outside can be flooded through us.
 */
export function isLocalAddress(address: string, interfaces: Iterable<NetworkInterface>): boolean {
  const bytes = addressBytes(address);
  if (bytes === undefined) return false;
  return LOCAL_RANGES.some((range) => contains(range, bytes)) || onLink(bytes, interfaces) !== undefined;
}

/** Whether it is the broadcast address of one of our subnets. */
export function isBroadcast(address: string, interfaces: Iterable<NetworkInterface>): boolean {
  for (const { addresses } of interfaces)
    if (addresses.some((own) => own.family === 'IPv4' && own.broadcast === address)) return true;
  return false;
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** An address of ours by which others on the LAN know this machine. */
export function ownLanAddress(interfaces: Iterable<NetworkInterface>): string | undefined {
  for (const { kind, addresses } of interfaces) {
    const own = addresses.find((address) => address.family === 'IPv4' && !isLinkLocal(address));
    if (kind === 'lan' && own !== undefined) return own.address;
  }
  return undefined;
}

/** The interface whose link the address is on: named by its scope, or by the subnet it lies in. */
export function linkOf(
  address: string,
  interfaces: Iterable<NetworkInterface>,
): NetworkInterface | undefined {
  const scope = address.split('%')[1];
  if (scope !== undefined) return [...interfaces].find(({ name }) => name === scope);
  const bytes = addressBytes(address);
  return bytes === undefined ? undefined : onLink(bytes, interfaces);
}

interface Range {
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
}

const LOCAL_RANGES: readonly Range[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fe80::/10',
  'fc00::/7',
  '::1/128',
].flatMap((text) => range(text) ?? []);

function range(text: string): Range | undefined {
  const [address = '', prefixLength] = text.split('/');
  const bytes = addressBytes(address);
  return bytes === undefined ? undefined : { bytes, prefixLength: Number(prefixLength) };
}

function onLink(bytes: Uint8Array, interfaces: Iterable<NetworkInterface>): NetworkInterface | undefined {
  return [...interfaces].find(({ addresses }) => addresses.some((own) => contains(subnet(own), bytes)));
}

function subnet({ address, prefixLength }: InterfaceAddress): Range {
  return { bytes: addressBytes(address) ?? new Uint8Array(), prefixLength };
}

function contains({ bytes, prefixLength }: Range, candidate: Uint8Array): boolean {
  if (bytes.length !== candidate.length) return false;
  for (let at = 0, bits = prefixLength; bits > 0; at++, bits -= 8) {
    const mask = bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
    if (((bytes[at] ?? 0) & mask) !== ((candidate[at] ?? 0) & mask)) return false;
  }
  return true;
}

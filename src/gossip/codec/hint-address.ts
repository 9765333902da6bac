import { addressBytes, addressFromBytes, type Endpoint, unmapAddress } from '../../platform/endpoint.ts';

/**
 * The address of a hint, as 4 or 16 bytes; undefined where it means nothing to others: with a scope, or not the
 * address of one host.
 */
export function hintAddress(hint: Endpoint | undefined): Uint8Array | undefined {
  if (hint === undefined || hint.host.includes('%')) return undefined;
  const bytes = addressBytes(unmapAddress(hint.host));
  return bytes !== undefined && isOneHost(bytes) ? bytes : undefined;
}

/** What a hint names; undefined where nothing may be sent there on a stranger's word. */
export function hintedEndpoint(bytes: Uint8Array, port: number): Endpoint | undefined {
  if (port === 0 || !isOneHost(bytes)) return undefined;
  return { host: addressFromBytes(bytes), port };
}

/** Neither unspecified, nor a group, nor everybody, nor known on one link only, nor an IPv4 address in disguise. */
function isOneHost(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  // RFC 1122 section 3.2.1.3; class D and E (RFC 1112 section 4), which ends with the broadcast address.
  if (bytes.length === 4) return first !== 0 && first < 224;
  const linkLocal = first === 0xfe && (second & 0xc0) === 0x80;
  const loopback = bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
  // RFC 4291 section 2.5.5: unspecified, IPv4-compatible and IPv4-mapped addresses begin with ten zeros.
  const withinIpv4 = bytes.subarray(0, 10).every((byte) => byte === 0);
  return first !== 0xff && !linkLocal && (loopback || !withinIpv4);
}

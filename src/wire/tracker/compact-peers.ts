import { MAX_TRACKER_PEERS } from '../../limits.ts';
import { addressBytes, addressFromBytes, type Endpoint } from '../../platform/endpoint.ts';

export type AddressFamily = 'IPv4' | 'IPv6';

const PORT_BYTES = 2;

/** Address and port of one peer: 6 bytes (BEP 23), or 18 (BEP 7, and BEP 15 over IPv6). */
export function compactPeerBytes(family: AddressFamily): number {
  return (family === 'IPv4' ? 4 : 16) + PORT_BYTES;
}

/** Peers of the other family, and host names, are left out. */
export function encodeCompactPeers(peers: readonly Endpoint[], family: AddressFamily): Uint8Array {
  const size = compactPeerBytes(family);
  const entries = peers.flatMap(({ host, port }) => {
    const address = addressBytes(host);
    return address?.length === size - PORT_BYTES
      ? [Uint8Array.from([...address, port >> 8, port & 0xff])]
      : [];
  });
  return Buffer.concat(entries);
}

/** The first MAX_TRACKER_PEERS; what is left over at the end, too short for a peer, is ignored. */
export function decodeCompactPeers(bytes: Uint8Array, family: AddressFamily): readonly Endpoint[] {
  const size = compactPeerBytes(family);
  const count = Math.min(Math.floor(bytes.length / size), MAX_TRACKER_PEERS);
  return Array.from({ length: count }, (_, at) => {
    const entry = bytes.subarray(at * size, (at + 1) * size);
    const port = ((entry.at(-2) ?? 0) << 8) | (entry.at(-1) ?? 0);
    return { host: addressFromBytes(entry.subarray(0, -PORT_BYTES)), port };
  });
}

import { addressBytes, type Endpoint, formatEndpoint, unmapAddress } from '../platform/endpoint.ts';

/** Peers that can be dialled, each once: no port 0, no unspecified, multicast or broadcast address. */
export function usablePeers(peers: readonly Endpoint[]): readonly Endpoint[] {
  const usable = new Map<string, Endpoint>();
  for (const { host, port } of peers) {
    const peer = { host: unmapAddress(host), port };
    if (port > 0 && isOneHost(peer.host)) usable.set(formatEndpoint(peer), peer);
  }
  return [...usable.values()];
}

/** Of IPv4, 0.0.0.0/8 is "this network", and all from 224 on is no host's (RFC 6890). */
function isOneHost(address: string): boolean {
  const bytes = addressBytes(address);
  const [first = 0] = bytes ?? [];
  if (bytes === undefined) return false;
  if (bytes.length === 4) return first > 0 && first < 224;
  return first !== 0xff && bytes.some((byte) => byte !== 0);
}

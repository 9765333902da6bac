import { MAX_EXCHANGED_PEERS, MAX_PEER_EXCHANGE_BYTES } from '../../limits.ts';
import { type Bencoded, encodeBencode } from '../../metainfo/bencode.ts';
import { addressBytes, addressFromBytes, type Endpoint } from '../../platform/endpoint.ts';
import { type AddressFamily, decodeCompactPeers, encodeCompactPeers } from '../tracker/compact-peers.ts';
import { decodeDictionary } from './bencoded-payload.ts';
import type { BtMessage, ExchangedPeer } from './message.ts';

export type PeerExchange = Extract<BtMessage, { type: 'peer exchange' }>;

const LIMITS = { maxBytes: MAX_PEER_EXCHANGE_BYTES, maxDepth: 4, maxTokens: 64 };
/** BEP 11: 0x02 "seed/upload_only". */
const SEED_FLAG = 0x02;

/** The keys of BEP 11 for each family of addresses. */
const KEYS = {
  IPv4: { added: 'added', flags: 'added.f', dropped: 'dropped' },
  IPv6: { added: 'added6', flags: 'added6.f', dropped: 'dropped6' },
} as const;

/**
 * Compact addresses (BEP 23, BEP 7) with a byte of flags for each that was added. Left out is who cannot be told to
 * others: a host name, an address with a scope, which means something on this machine only, and port 0.
 */
export function encodePeerExchange({ added, dropped }: PeerExchange): Uint8Array {
  return encodeBencode({ ...encodeFamily('IPv4', added, dropped), ...encodeFamily('IPv6', added, dropped) });
}

/**
 * At most MAX_EXCHANGED_PEERS added and as many dropped, without those on port 0. A key of another type is ignored, a
 * missing flag is not set. Throws ProtocolError where `payload` does not begin with a dictionary.
 */
export function decodePeerExchange(payload: Uint8Array): PeerExchange {
  const dictionary = decodeDictionary(payload, LIMITS, 'a peer exchange');
  const added = [...addedPeers(dictionary, 'IPv4'), ...addedPeers(dictionary, 'IPv6')];
  const dropped = [...droppedPeers(dictionary, 'IPv4'), ...droppedPeers(dictionary, 'IPv6')];
  return {
    type: 'peer exchange',
    added: added.slice(0, MAX_EXCHANGED_PEERS),
    dropped: dropped.slice(0, MAX_EXCHANGED_PEERS),
  };
}

function encodeFamily(
  family: AddressFamily,
  added: readonly ExchangedPeer[],
  dropped: readonly Endpoint[],
): Record<string, Uint8Array> {
  const keys = KEYS[family];
  const told = added.filter(({ endpoint }) => isTellable(endpoint, family));
  return {
    [keys.added]: encodeCompactPeers(
      told.map(({ endpoint }) => endpoint),
      family,
    ),
    [keys.flags]: Uint8Array.from(told, ({ seed }) => (seed ? SEED_FLAG : 0)),
    [keys.dropped]: encodeCompactPeers(
      dropped.filter((endpoint) => isTellable(endpoint, family)),
      family,
    ),
  };
}

function isTellable({ host, port }: Endpoint, family: AddressFamily): boolean {
  if (port === 0 || host.includes('%')) return false;
  return addressBytes(host)?.length === (family === 'IPv4' ? 4 : 16);
}

function addedPeers(dictionary: Bencoded, family: AddressFamily): ExchangedPeer[] {
  const { added, flags: flagsKey } = KEYS[family];
  const flags = dictionary.field(flagsKey)?.bytes ?? new Uint8Array(0);
  return endpoints(dictionary, added, family)
    .map((endpoint, at) => ({ endpoint, seed: ((flags[at] ?? 0) & SEED_FLAG) !== 0 }))
    .filter(({ endpoint }) => endpoint.port !== 0);
}

function droppedPeers(dictionary: Bencoded, family: AddressFamily): Endpoint[] {
  return endpoints(dictionary, KEYS[family].dropped, family).filter(({ port }) => port !== 0);
}

function endpoints(dictionary: Bencoded, key: string, family: AddressFamily): Endpoint[] {
  const bytes = dictionary.field(key)?.bytes ?? new Uint8Array(0);
  return decodeCompactPeers(bytes, family).map(({ host, port }) => ({ host: unmapped(host), port }));
}

/** RFC 4291 section 2.5.5.2: an IPv4 address in the form of an IPv6 one is that IPv4 address. */
const MAPPED_PREFIX = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

/** So that rules for addresses, and comparing them, see what would be dialled. */
function unmapped(host: string): string {
  const bytes = addressBytes(host);
  if (bytes?.length !== 16 || Buffer.compare(bytes.subarray(0, 12), MAPPED_PREFIX) !== 0) return host;
  return addressFromBytes(bytes.subarray(12));
}

import { MAX_TRACKER_ID_BYTES, MAX_TRACKER_PEERS } from '../../limits.ts';
import { type Bencoded, encodeBencode } from '../../metainfo/bencode.ts';
import { addressBytes, canonicalAddress, type Endpoint } from '../../platform/endpoint.ts';
import type { AnnounceAnswer, TrackerFailure } from './announce.ts';
import { compactPeerBytes, decodeCompactPeers, encodeCompactPeers } from './compact-peers.ts';
import { count, decodeHttpAnswer, encodeHttpFailure, failureIn } from './http-answer.ts';
import { TrackerFault } from './tracker-fault.ts';
import { trackerText } from './tracker-text.ts';

export type HttpAnnounceAnswer = ({ readonly type: 'announced' } & AnnounceAnswer) | TrackerFailure;

/** `compact` as the peer asked for it (BEP 23, 7); else a list of dictionaries without peer ids. */
export function encodeHttpAnnounceAnswer(answer: HttpAnnounceAnswer, compact: boolean): Uint8Array {
  if (answer.type === 'failure') return encodeHttpFailure(answer);
  const { peers, trackerId } = answer;
  const ipv6 = encodeCompactPeers(peers, 'IPv6');
  return encodeBencode({
    complete: answer.seeders,
    incomplete: answer.leechers,
    interval: answer.intervalSeconds,
    'min interval': answer.minIntervalSeconds,
    peers: compact ? encodeCompactPeers(peers, 'IPv4') : peers.map(({ host, port }) => ({ ip: host, port })),
    peers6: compact && ipv6.length > 0 ? ipv6 : undefined,
    'tracker id': trackerId === undefined ? undefined : Buffer.from(trackerId, 'latin1'),
    'warning message': answer.warning,
  });
}

/** Reads peers in all three forms, also side by side. Throws TrackerFault. */
export function decodeHttpAnnounceAnswer(bytes: Uint8Array): HttpAnnounceAnswer {
  const answer = decodeHttpAnswer(bytes);
  const failure = failureIn(answer);
  if (failure !== undefined) return failure;
  const warning = answer.field('warning message')?.bytes;
  return {
    type: 'announced',
    intervalSeconds: count(answer, 'interval'),
    minIntervalSeconds: count(answer, 'min interval'),
    seeders: count(answer, 'complete'),
    leechers: count(answer, 'incomplete'),
    peers: [...readPeers(answer.field('peers')), ...readPeers6(answer.field('peers6'))].slice(
      0,
      MAX_TRACKER_PEERS,
    ),
    warning: warning === undefined ? undefined : trackerText(warning),
    trackerId: readTrackerId(answer),
  };
}

/** None is an answer, too: some trackers leave the key out where they have nobody, or the peer has stopped. */
function readPeers(peers: Bencoded | undefined): readonly Endpoint[] {
  switch (peers?.kind) {
    case undefined:
      return [];
    case 'string':
      return wholePeers(peers.bytes ?? new Uint8Array(), 'IPv4');
    case 'list':
      return readDictionaries(peers);
    case 'integer':
    case 'dictionary':
      throw new TrackerFault('its list of peers is neither a string nor a list');
  }
}

function readPeers6(peers: Bencoded | undefined): readonly Endpoint[] {
  if (peers === undefined) return [];
  if (peers.bytes === undefined) throw new TrackerFault('its list of IPv6 peers is no string');
  return wholePeers(peers.bytes, 'IPv6');
}

/** A list that ends within a peer is another list than its writer meant. */
function wholePeers(bytes: Uint8Array, family: 'IPv4' | 'IPv6'): readonly Endpoint[] {
  if (bytes.length % compactPeerBytes(family) !== 0)
    throw new TrackerFault('its list of peers ends in the middle of one');
  return decodeCompactPeers(bytes, family);
}

/** BEP 3 allows host names, which nobody sends; a tracker shall not have us look up names. */
function readDictionaries(list: Bencoded): readonly Endpoint[] {
  const peers: Endpoint[] = [];
  for (const item of list.items()) {
    if (peers.length === MAX_TRACKER_PEERS) break;
    const host = item.field('ip')?.text ?? '';
    const port = item.field('port')?.integer ?? -1;
    if (addressBytes(host) === undefined || port < 0 || port > 65_535) continue;
    peers.push({ host: canonicalAddress(host), port });
  }
  return peers;
}

function readTrackerId(answer: Bencoded): string | undefined {
  const bytes = answer.field('tracker id')?.bytes;
  if (bytes === undefined || bytes.length > MAX_TRACKER_ID_BYTES) return undefined;
  return Buffer.from(bytes).toString('latin1');
}

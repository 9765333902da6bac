import { MAX_SCRAPED_CONTENTS, MAX_TRACKER_URL_BYTES } from '../../limits.ts';
import { type InfoHash, infoHashFromBytes } from '../../metainfo/metainfo.ts';
import type { AnnounceRequest } from './announce.ts';
import { type AddressFamily, decodeCompactPeers } from './compact-peers.ts';
import { TrackerFault } from './tracker-fault.ts';
import { trackerText } from './tracker-text.ts';
import {
  ACTIONS,
  ANNOUNCE_BYTES,
  ANNOUNCED_BYTES,
  CONNECT_BYTES,
  EVENTS,
  PROTOCOL_ID,
  REQUEST_HEADER_BYTES,
  RESPONSE_HEADER_BYTES,
  SCRAPE_COUNTS_BYTES,
  type UdpTrackerRequest,
  type UdpTrackerResponse,
  URL_DATA_OPTIONS,
} from './udp-tracker-message.ts';

/** What a client sent. Longer datagrams than needed are fine (BEP 15). Throws TrackerFault. */
export function decodeUdpTrackerRequest(datagram: Uint8Array): UdpTrackerRequest {
  const bytes = asBuffer(datagram);
  atLeast(bytes, REQUEST_HEADER_BYTES);
  const id = bytes.subarray(0, 8);
  const transactionId = bytes.readUInt32BE(12);
  const action = bytes.readUInt32BE(8);
  if (action === ACTIONS.connect) {
    atLeast(bytes, CONNECT_BYTES);
    if (!id.equals(PROTOCOL_ID)) throw new TrackerFault('a connect request without the protocol id');
    return { type: 'connect', transactionId };
  }
  const connectionId = Uint8Array.from(id);
  if (action === ACTIONS.announce) {
    atLeast(bytes, ANNOUNCE_BYTES);
    const urlData = readUrlData(bytes.subarray(ANNOUNCE_BYTES));
    return { type: 'announce', connectionId, transactionId, request: readAnnounce(bytes), urlData };
  }
  if (action === ACTIONS.scrape)
    return { type: 'scrape', connectionId, transactionId, infoHashes: readInfoHashes(bytes) };
  throw new TrackerFault(`an unknown action, ${action}`);
}

function readAnnounce(bytes: Buffer): AnnounceRequest {
  const peersWanted = bytes.readInt32BE(92);
  return {
    infoHash: infoHashFromBytes(bytes.subarray(16, 36)),
    peerId: Uint8Array.from(bytes.subarray(36, 56)),
    downloaded: byteCount(bytes, 56),
    left: byteCount(bytes, 64),
    uploaded: byteCount(bytes, 72),
    event: EVENTS[bytes.readUInt32BE(80)] ?? 'regular',
    key: bytes.readUInt32BE(88),
    peersWanted: peersWanted < 0 ? undefined : peersWanted,
    port: bytes.readUInt16BE(96),
  };
}

/** Some clients write -1 where they do not know yet. */
function byteCount(bytes: Buffer, at: number): number {
  return Math.min(Number(bytes.readBigUInt64BE(at)), Number.MAX_SAFE_INTEGER);
}

/** What is cut, or of an unknown kind, ends the options. */
function readUrlData(options: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < options.length && at < MAX_TRACKER_URL_BYTES) {
    const option = options[at];
    if (option === URL_DATA_OPTIONS.padding) {
      at++;
      continue;
    }
    if (option !== URL_DATA_OPTIONS.urlData) break;
    const end = at + 2 + (options[at + 1] ?? 0);
    if (end > options.length) break;
    parts.push(options.subarray(at + 2, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}

function readInfoHashes(bytes: Buffer): readonly InfoHash[] {
  const count = Math.floor((bytes.length - REQUEST_HEADER_BYTES) / 20);
  if (count === 0) throw new TrackerFault('a scrape without a content');
  return Array.from({ length: Math.min(count, MAX_SCRAPED_CONTENTS) }, (_, at) => {
    const start = REQUEST_HEADER_BYTES + at * 20;
    return infoHashFromBytes(bytes.subarray(start, start + 20));
  });
}

/**
 * What a tracker answered; `family` is that of its address. A list of peers or counts that ends in the middle of one
 * is read up to there. Throws TrackerFault.
 */
export function decodeUdpTrackerResponse(datagram: Uint8Array, family: AddressFamily): UdpTrackerResponse {
  const bytes = asBuffer(datagram);
  atLeast(bytes, RESPONSE_HEADER_BYTES);
  const transactionId = bytes.readUInt32BE(4);
  const action = bytes.readUInt32BE(0);
  switch (action) {
    case ACTIONS.connect:
      atLeast(bytes, CONNECT_BYTES);
      return { type: 'connected', transactionId, connectionId: Uint8Array.from(bytes.subarray(8, 16)) };
    case ACTIONS.announce:
      // opentracker answers nothing but the header for a content that is not on its list.
      if (bytes.length === RESPONSE_HEADER_BYTES)
        return { type: 'error', transactionId, message: 'the tracker does not serve this content' };
      atLeast(bytes, ANNOUNCED_BYTES);
      return {
        type: 'announced',
        transactionId,
        intervalSeconds: bytes.readUInt32BE(8),
        leechers: bytes.readUInt32BE(12),
        seeders: bytes.readUInt32BE(16),
        peers: decodeCompactPeers(bytes.subarray(ANNOUNCED_BYTES), family),
      };
    case ACTIONS.scrape:
      return { type: 'scraped', transactionId, contents: readCounts(bytes) };
    case ACTIONS.error: {
      const message = trackerText(bytes.subarray(RESPONSE_HEADER_BYTES));
      return { type: 'error', transactionId, message: message || 'the tracker gives no reason' };
    }
    default:
      throw new TrackerFault(`its answer has an unknown action, ${action}`);
  }
}

function readCounts(bytes: Buffer) {
  const count = Math.floor((bytes.length - RESPONSE_HEADER_BYTES) / SCRAPE_COUNTS_BYTES);
  return Array.from({ length: Math.min(count, MAX_SCRAPED_CONTENTS) }, (_, at) => {
    const start = RESPONSE_HEADER_BYTES + at * SCRAPE_COUNTS_BYTES;
    return {
      seeders: bytes.readUInt32BE(start),
      completed: bytes.readUInt32BE(start + 4),
      leechers: bytes.readUInt32BE(start + 8),
    };
  });
}

function atLeast(bytes: Buffer, length: number): void {
  if (bytes.length < length) throw new TrackerFault(`a datagram of ${bytes.length} bytes is too short`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import { MAX_SCRAPED_CONTENTS } from '../../limits.ts';
import { type AddressFamily, decodeCompactPeers } from './compact-peers.ts';
import { TrackerFault } from './tracker-fault.ts';
import { trackerText } from './tracker-text.ts';
import {
  ACTIONS,
  ANNOUNCED_BYTES,
  CONNECT_BYTES,
  RESPONSE_HEADER_BYTES,
  SCRAPE_COUNTS_BYTES,
  type UdpTrackerResponse,
} from './udp-tracker-message.ts';

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

import { MAX_SCRAPED_CONTENTS, MAX_TRACKER_URL_BYTES } from '../../src/limits.ts';
import { type InfoHash, infoHashFromBytes } from '../../src/metainfo/metainfo.ts';
import type { AnnounceRequest } from '../../src/wire/tracker/announce.ts';
import { type AddressFamily, encodeCompactPeers } from '../../src/wire/tracker/compact-peers.ts';
import { TrackerFault } from '../../src/wire/tracker/tracker-fault.ts';
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
} from '../../src/wire/tracker/udp-tracker-message.ts';

/*
 * A UDP tracker's side of BEP 15, message by message, for trackers that tests make up. `lanshare tracker` itself reads and
 * writes its datagrams in place (UdpAnswers).
 */

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

/** `family` is that of the address the request came from; peers of the other one are left out. */
export function encodeUdpTrackerResponse(message: UdpTrackerResponse, family: AddressFamily): Uint8Array {
  const { transactionId } = message;
  switch (message.type) {
    case 'connected':
      return Buffer.concat([
        responseHeader(ACTIONS.connect, transactionId, RESPONSE_HEADER_BYTES),
        message.connectionId,
      ]);
    case 'announced': {
      const bytes = responseHeader(ACTIONS.announce, transactionId, ANNOUNCED_BYTES);
      bytes.writeUInt32BE(message.intervalSeconds, 8);
      bytes.writeUInt32BE(message.leechers, 12);
      bytes.writeUInt32BE(message.seeders, 16);
      return Buffer.concat([bytes, encodeCompactPeers(message.peers, family)]);
    }
    case 'scraped': {
      const length = RESPONSE_HEADER_BYTES + message.contents.length * SCRAPE_COUNTS_BYTES;
      const bytes = responseHeader(ACTIONS.scrape, transactionId, length);
      message.contents.forEach(({ seeders, completed, leechers }, at) => {
        const start = RESPONSE_HEADER_BYTES + at * SCRAPE_COUNTS_BYTES;
        bytes.writeUInt32BE(seeders, start);
        bytes.writeUInt32BE(completed, start + 4);
        bytes.writeUInt32BE(leechers, start + 8);
      });
      return bytes;
    }
    case 'error':
      return Buffer.concat([
        responseHeader(ACTIONS.error, transactionId, RESPONSE_HEADER_BYTES),
        Buffer.from(message.message),
      ]);
  }
}

function responseHeader(action: number, transactionId: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32BE(action, 0);
  bytes.writeUInt32BE(transactionId, 4);
  return bytes;
}

function atLeast(bytes: Buffer, length: number): void {
  if (bytes.length < length) throw new TrackerFault(`a datagram of ${bytes.length} bytes is too short`);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

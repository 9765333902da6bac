import { infoHashToBytes } from '../../metainfo/metainfo.ts';
import type { AnnounceRequest } from './announce.ts';
import {
  ACTIONS,
  ANNOUNCE_BYTES,
  CONNECT_BYTES,
  EVENTS,
  PROTOCOL_ID,
  REQUEST_HEADER_BYTES,
  type UdpTrackerRequest,
  URL_DATA_OPTIONS,
  URL_DATA_PART_BYTES,
} from './udp-tracker-message.ts';

/** BEP 15; numbers are big-endian. */
export function encodeUdpTrackerRequest(message: UdpTrackerRequest): Uint8Array {
  switch (message.type) {
    case 'connect':
      return requestHeader(PROTOCOL_ID, ACTIONS.connect, message.transactionId, CONNECT_BYTES);
    case 'announce': {
      const bytes = requestHeader(
        message.connectionId,
        ACTIONS.announce,
        message.transactionId,
        ANNOUNCE_BYTES,
      );
      writeAnnounce(bytes, message.request);
      return Buffer.concat([bytes, ...urlDataParts(message.urlData)]);
    }
    case 'scrape': {
      const size = REQUEST_HEADER_BYTES;
      const header = requestHeader(message.connectionId, ACTIONS.scrape, message.transactionId, size);
      return Buffer.concat([header, ...message.infoHashes.map(infoHashToBytes)]);
    }
  }
}

function requestHeader(id: Uint8Array, action: number, transactionId: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.set(id, 0);
  bytes.writeUInt32BE(action, 8);
  bytes.writeUInt32BE(transactionId, 12);
  return bytes;
}

/** The address field, at 84, stays zero: the tracker takes where the datagram came from. */
function writeAnnounce(bytes: Buffer, request: AnnounceRequest): void {
  bytes.set(infoHashToBytes(request.infoHash), 16);
  bytes.set(request.peerId, 36);
  bytes.writeBigUInt64BE(BigInt(request.downloaded), 56);
  bytes.writeBigUInt64BE(BigInt(request.left), 64);
  bytes.writeBigUInt64BE(BigInt(request.uploaded), 72);
  bytes.writeUInt32BE(EVENTS.indexOf(request.event), 80);
  bytes.writeUInt32BE(request.key, 88);
  bytes.writeInt32BE(request.peersWanted ?? -1, 92);
  bytes.writeUInt16BE(request.port, 96);
}

function urlDataParts(urlData: string): readonly Uint8Array[] {
  const bytes = Buffer.from(urlData);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += URL_DATA_PART_BYTES) {
    const part = bytes.subarray(at, at + URL_DATA_PART_BYTES);
    parts.push(Uint8Array.of(URL_DATA_OPTIONS.urlData, part.length), part);
  }
  return parts;
}

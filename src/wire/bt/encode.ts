import type { HashPlace } from '../../metainfo/hash-place.ts';
import { HASH_PLACE_BYTES, writeHashes } from '../hash-place.ts';
import { encodeExtensionHandshake } from './extension-handshake.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_PLACE_BYTES,
  BLOCK_START_BYTES,
  BT_FRAME_TYPES,
  EXTENSION_HANDSHAKE_ID,
  LENGTH_BYTES,
} from './frame-types.ts';
import type { BlockPlace, BtMessage, PeerExtensionIds } from './message.ts';
import { encodeMetadataMessage } from './metadata-message.ts';
import { encodePeerExchange } from './peer-exchange.ts';

const HEADER_BYTES = LENGTH_BYTES + 1;

/**
 * Any frame but a block: length (type + payload), type, payload. Messages of extensions go under the ids that `peer`
 * asked for; throws TypeError where it did not.
 */
export function encodeBtMessage(message: BtMessage, peer: PeerExtensionIds): Uint8Array {
  switch (message.type) {
    case 'keep-alive':
      return Buffer.alloc(LENGTH_BYTES);
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not interested':
    case 'have all':
    case 'have none':
      return frame(message.type, 0);
    case 'have':
    case 'suggest':
    case 'allowed fast': {
      const bytes = frame(message.type, 4);
      bytes.writeUInt32BE(message.index, HEADER_BYTES);
      return bytes;
    }
    case 'bitfield':
      return frameOf(message.type, message.bits);
    case 'request':
    case 'cancel':
    case 'reject':
      return encodeBlockPlace(message.type, message);
    case 'port': {
      const bytes = frame(message.type, 2);
      bytes.writeUInt16BE(message.port, HEADER_BYTES);
      return bytes;
    }
    case 'hash request':
    case 'hash reject':
      return encodeHashPlace(message.type, message, new Uint8Array(0));
    case 'hashes':
      return encodeHashPlace(message.type, message, message.hashes);
    case 'extension handshake':
      return extended(EXTENSION_HANDSHAKE_ID, encodeExtensionHandshake(message.extension));
    case 'unknown extension':
      return extended(message.id, new Uint8Array(0));
    case 'metadata request':
    case 'metadata':
    case 'metadata reject':
      return extended(wantedId(peer.metadataId, 'ut_metadata'), encodeMetadataMessage(message));
    case 'peer exchange':
      return extended(wantedId(peer.peerExchangeId, 'ut_pex'), encodePeerExchange(message));
  }
}

/** What stands before the `blockLength` bytes of a block. */
export function encodeBlockHeader(index: number, begin: number, blockLength: number): Uint8Array {
  const bytes = frame('piece', BLOCK_START_BYTES + blockLength, BLOCK_HEADER_BYTES);
  bytes.writeUInt32BE(index, HEADER_BYTES);
  bytes.writeUInt32BE(begin, HEADER_BYTES + 4);
  return bytes;
}

function encodeBlockPlace(type: 'request' | 'cancel' | 'reject', place: BlockPlace): Uint8Array {
  const bytes = frame(type, BLOCK_PLACE_BYTES);
  bytes.writeUInt32BE(place.index, HEADER_BYTES);
  bytes.writeUInt32BE(place.begin, HEADER_BYTES + 4);
  bytes.writeUInt32BE(place.length, HEADER_BYTES + 8);
  return bytes;
}

function encodeHashPlace(
  type: 'hash request' | 'hash reject' | 'hashes',
  place: HashPlace,
  hashes: Uint8Array,
): Uint8Array {
  const bytes = frame(type, HASH_PLACE_BYTES + hashes.length);
  writeHashes(place, hashes, bytes, HEADER_BYTES);
  return bytes;
}

function extended(id: number, payload: Uint8Array): Buffer {
  const bytes = frame('extended', 1 + payload.length);
  bytes.writeUInt8(id, HEADER_BYTES);
  bytes.set(payload, HEADER_BYTES + 1);
  return bytes;
}

function wantedId(id: number | undefined, extension: string): number {
  if (id === undefined) throw new TypeError(`the peer does not speak ${extension}`);
  return id;
}

function frameOf(type: keyof typeof BT_FRAME_TYPES, payload: Uint8Array): Buffer {
  const bytes = frame(type, payload.length);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

function frame(
  type: keyof typeof BT_FRAME_TYPES,
  payloadBytes: number,
  allocate = HEADER_BYTES + payloadBytes,
): Buffer {
  const bytes = Buffer.allocUnsafe(allocate);
  bytes.writeUInt32BE(1 + payloadBytes);
  bytes.writeUInt8(BT_FRAME_TYPES[type], LENGTH_BYTES);
  return bytes;
}

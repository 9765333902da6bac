import type { HashPlace } from '../../metainfo/hash-place.ts';
import { HASH_PLACE_BYTES, writeHashes } from '../hash-place.ts';
import { encodeHello } from './hello.ts';
import { FRAME_TYPES, type LanMessage, REFUSAL_REASONS } from './message.ts';

const HEADER_BYTES = 5;
/** Length, type and piece index stand before a piece's content. */
const PIECE_HEADER_BYTES = HEADER_BYTES + 4;
export const PIECE_TRAILER_BYTES = 4;
const METAINFO_HEADER_BYTES = HEADER_BYTES + 4;

/** Any frame but a piece: length (type + payload), type, payload. */
export function encodeMessage(message: LanMessage): Uint8Array {
  switch (message.type) {
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not interested':
      return frame(message.type, 0);
    case 'have':
    case 'request':
    case 'cancel':
    case 'reject': {
      const bytes = frame(message.type, 4);
      bytes.writeUInt32BE(message.index, HEADER_BYTES);
      return bytes;
    }
    case 'bitfield':
      return frameOf(message.type, message.bits);
    case 'hello':
      return frameOf(message.type, encodeHello(message.hello));
    case 'metainfo offer': {
      const bytes = frame(message.type, 4);
      bytes.writeUInt32BE(message.size, HEADER_BYTES);
      return bytes;
    }
    case 'metainfo request': {
      const bytes = frame(message.type, 8);
      bytes.writeUInt32BE(message.offset, HEADER_BYTES);
      bytes.writeUInt32BE(message.length, HEADER_BYTES + 4);
      return bytes;
    }
    case 'metainfo':
      return Buffer.concat([encodeMetainfoHeader(message.offset, message.bytes.length), message.bytes]);
    case 'hash request':
    case 'hash reject':
      return encodeHashPlace(message.type, message, new Uint8Array(0));
    case 'hashes':
      return encodeHashPlace(message.type, message, message.hashes);
    case 'refusal': {
      const text = Buffer.from(message.text, 'utf8');
      const bytes = frame(message.type, 1 + text.length);
      bytes.writeUInt8(REFUSAL_REASONS.indexOf(message.reason), HEADER_BYTES);
      text.copy(bytes, HEADER_BYTES + 1);
      return bytes;
    }
  }
}

/** What stands before the `sliceLength` bytes of a slice of metainfo. */
export function encodeMetainfoHeader(offset: number, sliceLength: number): Uint8Array {
  const bytes = frame('metainfo', 4 + sliceLength, METAINFO_HEADER_BYTES);
  bytes.writeUInt32BE(offset, HEADER_BYTES);
  return bytes;
}

/** What stands before the `contentLength` bytes of a piece; a trailer follows them where `checksummed`. */
export function encodePieceHeader(index: number, contentLength: number, checksummed: boolean): Uint8Array {
  const bytes = frame(
    'piece',
    4 + contentLength + (checksummed ? PIECE_TRAILER_BYTES : 0),
    PIECE_HEADER_BYTES,
  );
  bytes.writeUInt32BE(index, HEADER_BYTES);
  return bytes;
}

/** CRC-32 (as of zlib and IEEE 802.3) of the piece's content, big-endian. */
export function encodePieceTrailer(crc32: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(PIECE_TRAILER_BYTES);
  bytes.writeUInt32BE(crc32);
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

function frame(
  type: keyof typeof FRAME_TYPES,
  payloadBytes: number,
  allocate = HEADER_BYTES + payloadBytes,
): Buffer {
  const bytes = Buffer.allocUnsafe(allocate);
  bytes.writeUInt32BE(1 + payloadBytes);
  bytes.writeUInt8(FRAME_TYPES[type], 4);
  return bytes;
}

function frameOf(type: keyof typeof FRAME_TYPES, payload: Uint8Array): Buffer {
  const bytes = frame(type, payload.length);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

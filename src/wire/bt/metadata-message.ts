import { MAX_METADATA_HEADER_BYTES, MAX_TORRENT_BYTES, METADATA_BLOCK_BYTES } from '../../limits.ts';
import { type Bencoded, encodeBencode } from '../../metainfo/bencode.ts';
import { ProtocolError } from '../lan/message.ts';
import { decodeDictionary, integerBetween } from './bencoded-payload.ts';
import { type BtMessage, OUR_EXTENSION_IDS } from './message.ts';

export type MetadataMessage = Extract<
  BtMessage,
  { type: 'metadata request' } | { type: 'metadata' } | { type: 'metadata reject' }
>;

/** BEP 9's `msg_type`. */
const MESSAGE_TYPES = { request: 0, data: 1, reject: 2 } as const;
const LIMITS = { maxBytes: MAX_METADATA_HEADER_BYTES, maxDepth: 4, maxTokens: 64 };
/** Blocks of 16 KiB; there are fewer, and which exist the receiver knows. */
const MAX_BLOCK_INDEX = Math.ceil(MAX_TORRENT_BYTES / METADATA_BLOCK_BYTES);

/** A dictionary; the bytes of a block of metadata follow it as they are (BEP 9). */
export function encodeMetadataMessage(message: MetadataMessage): Uint8Array {
  const { piece } = message;
  switch (message.type) {
    case 'metadata request':
      return encodeBencode({ msg_type: MESSAGE_TYPES.request, piece });
    case 'metadata reject':
      return encodeBencode({ msg_type: MESSAGE_TYPES.reject, piece });
    case 'metadata': {
      const header = { msg_type: MESSAGE_TYPES.data, piece, total_size: message.totalSize };
      return Buffer.concat([encodeBencode(header), message.bytes]);
    }
  }
}

/**
 * Throws ProtocolError without a dictionary in front, a piece that can exist, or the size of all that is told with a
 * block. A `msg_type` that is not known here "must be ignored" (BEP 9). `bytes` of a block are a view of `payload`.
 */
export function decodeMetadataMessage(payload: Uint8Array): BtMessage {
  const header = decodeDictionary(
    payload.subarray(0, MAX_METADATA_HEADER_BYTES),
    LIMITS,
    'a metadata message',
  );
  const messageType = header.field('msg_type')?.integer;
  switch (messageType) {
    case MESSAGE_TYPES.request:
      return { type: 'metadata request', piece: required(header, 'piece', 0, MAX_BLOCK_INDEX) };
    case MESSAGE_TYPES.reject:
      return { type: 'metadata reject', piece: required(header, 'piece', 0, MAX_BLOCK_INDEX) };
    case MESSAGE_TYPES.data:
      return {
        type: 'metadata',
        piece: required(header, 'piece', 0, MAX_BLOCK_INDEX),
        totalSize: required(header, 'total_size', 1, MAX_TORRENT_BYTES),
        bytes: blockBehind(header, payload),
      };
    default:
      return { type: 'unknown extension', id: OUR_EXTENSION_IDS.ut_metadata };
  }
}

function blockBehind(header: Bencoded, payload: Uint8Array): Uint8Array {
  const bytes = payload.subarray(header.raw.length);
  if (bytes.length > METADATA_BLOCK_BYTES)
    throw new ProtocolError(`a block of metadata of ${bytes.length} bytes`);
  return bytes;
}

function required(header: Bencoded, key: string, least: number, most: number): number {
  const value = integerBetween(header, key, least, most);
  if (value === undefined) throw new ProtocolError(`a metadata message without a valid ${key}`);
  return value;
}

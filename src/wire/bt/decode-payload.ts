import {
  MAX_BLOCK_BYTES,
  MAX_EXTENSION_HANDSHAKE_BYTES,
  MAX_EXTENSION_MESSAGE_BYTES,
  MAX_HASHES_PER_MESSAGE,
  MAX_METADATA_HEADER_BYTES,
  MAX_PEER_EXCHANGE_BYTES,
  MAX_PIECES,
  METADATA_BLOCK_BYTES,
} from '../../limits.ts';
import { HASH_PLACE_BYTES, readHashPlace } from '../hash-place.ts';
import { ProtocolError } from '../lan/message.ts';
import { decodeExtensionHandshake } from './extension-handshake.ts';
import {
  BLOCK_PLACE_BYTES,
  BLOCK_START_BYTES,
  BT_FRAME_TYPES,
  EXTENSION_HANDSHAKE_ID,
  HASH_BYTES,
} from './frame-types.ts';
import { type BlockPlace, type BtMessage, OUR_EXTENSION_IDS } from './message.ts';
import { decodeMetadataMessage } from './metadata-message.ts';
import { decodePeerExchange } from './peer-exchange.ts';

/** Least and most bytes. */
type Bounds = readonly [number, number];

const NO_BYTES: Bounds = [0, 0];
const INDEX: Bounds = [4, 4];
const BLOCK_PLACE: Bounds = [BLOCK_PLACE_BYTES, BLOCK_PLACE_BYTES];
const HASH_PLACE: Bounds = [HASH_PLACE_BYTES, HASH_PLACE_BYTES];

/**
 * How long the payload of a frame may be. Types that are not known here are no error and to be skipped, as the real
 * clients do; those of BEP 6 are one where not both sides set its bit. Throws ProtocolError.
 */
export function payloadBounds(type: number, fast: boolean): Bounds {
  switch (type) {
    case BT_FRAME_TYPES.choke:
    case BT_FRAME_TYPES.unchoke:
    case BT_FRAME_TYPES.interested:
    case BT_FRAME_TYPES['not interested']:
      return NO_BYTES;
    case BT_FRAME_TYPES.have:
      return INDEX;
    case BT_FRAME_TYPES.bitfield:
      return [0, Math.ceil(MAX_PIECES / 8)];
    case BT_FRAME_TYPES.request:
    case BT_FRAME_TYPES.cancel:
      return BLOCK_PLACE;
    case BT_FRAME_TYPES.piece:
      return [BLOCK_START_BYTES + 1, BLOCK_START_BYTES + MAX_BLOCK_BYTES];
    case BT_FRAME_TYPES.port:
      return [2, 2];
    case BT_FRAME_TYPES.suggest:
    case BT_FRAME_TYPES['allowed fast']:
      return ifFast(fast, type, INDEX);
    case BT_FRAME_TYPES['have all']:
    case BT_FRAME_TYPES['have none']:
      return ifFast(fast, type, NO_BYTES);
    case BT_FRAME_TYPES.reject:
      return ifFast(fast, type, BLOCK_PLACE);
    case BT_FRAME_TYPES.extended:
      return [1, 1 + MAX_EXTENSION_MESSAGE_BYTES];
    case BT_FRAME_TYPES['hash request']:
    case BT_FRAME_TYPES['hash reject']:
      return HASH_PLACE;
    case BT_FRAME_TYPES.hashes:
      return [HASH_PLACE_BYTES, HASH_PLACE_BYTES + MAX_HASHES_PER_MESSAGE * HASH_BYTES];
    default:
      return [0, MAX_EXTENSION_MESSAGE_BYTES];
  }
}

/** The same behind the id of an extended message (BEP 10). */
export function extensionBounds(id: number): Bounds {
  switch (id) {
    case EXTENSION_HANDSHAKE_ID:
      return [2, MAX_EXTENSION_HANDSHAKE_BYTES];
    case OUR_EXTENSION_IDS.ut_metadata:
      return [2, MAX_METADATA_HEADER_BYTES + METADATA_BLOCK_BYTES];
    case OUR_EXTENSION_IDS.ut_pex:
      return [2, MAX_PEER_EXCHANGE_BYTES];
    default:
      return [0, MAX_EXTENSION_MESSAGE_BYTES];
  }
}

export function isKnownType(type: number): boolean {
  return KNOWN_TYPES.has(type);
}

export function isKnownExtension(id: number): boolean {
  return KNOWN_EXTENSIONS.has(id);
}

/** The payload of a known type, of a length within its bounds. What is returned may be views of it. */
export function decodePayload(type: number, payload: Buffer): BtMessage {
  switch (type) {
    case BT_FRAME_TYPES.choke:
      return { type: 'choke' };
    case BT_FRAME_TYPES.unchoke:
      return { type: 'unchoke' };
    case BT_FRAME_TYPES.interested:
      return { type: 'interested' };
    case BT_FRAME_TYPES['not interested']:
      return { type: 'not interested' };
    case BT_FRAME_TYPES.have:
      return { type: 'have', index: payload.readUInt32BE() };
    case BT_FRAME_TYPES.bitfield:
      return { type: 'bitfield', bits: payload };
    case BT_FRAME_TYPES.request:
      return { type: 'request', ...blockPlace(payload) };
    case BT_FRAME_TYPES.cancel:
      return { type: 'cancel', ...blockPlace(payload) };
    case BT_FRAME_TYPES.port:
      return { type: 'port', port: payload.readUInt16BE() };
    case BT_FRAME_TYPES.suggest:
      return { type: 'suggest', index: payload.readUInt32BE() };
    case BT_FRAME_TYPES['have all']:
      return { type: 'have all' };
    case BT_FRAME_TYPES['have none']:
      return { type: 'have none' };
    case BT_FRAME_TYPES.reject:
      return { type: 'reject', ...blockPlace(payload) };
    case BT_FRAME_TYPES['allowed fast']:
      return { type: 'allowed fast', index: payload.readUInt32BE() };
    case BT_FRAME_TYPES['hash request']:
      return { type: 'hash request', ...readHashPlace(payload) };
    case BT_FRAME_TYPES.hashes:
      return {
        type: 'hashes',
        ...readHashPlace(payload),
        hashes: wholeHashes(payload.subarray(HASH_PLACE_BYTES)),
      };
    case BT_FRAME_TYPES['hash reject']:
      return { type: 'hash reject', ...readHashPlace(payload) };
    default:
      throw new ProtocolError(`a frame of unknown type ${type}`);
  }
}

/** The same for what stands behind the id of an extended message. */
export function decodeExtension(id: number, payload: Buffer): BtMessage {
  switch (id) {
    case EXTENSION_HANDSHAKE_ID:
      return { type: 'extension handshake', extension: decodeExtensionHandshake(payload) };
    case OUR_EXTENSION_IDS.ut_metadata:
      return decodeMetadataMessage(payload);
    case OUR_EXTENSION_IDS.ut_pex:
      return decodePeerExchange(payload);
    default:
      return { type: 'unknown extension', id };
  }
}

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(BT_FRAME_TYPES));
const KNOWN_EXTENSIONS: ReadonlySet<number> = new Set([
  EXTENSION_HANDSHAKE_ID,
  ...Object.values(OUR_EXTENSION_IDS),
]);

/** BEP 6: each of its messages, where it is not enabled, "MUST close the connection". */
function ifFast(fast: boolean, type: number, bounds: Bounds): Bounds {
  if (!fast) throw new ProtocolError(`a frame of type ${type} without the fast extension`);
  return bounds;
}

function blockPlace(payload: Buffer): BlockPlace {
  return { index: payload.readUInt32BE(), begin: payload.readUInt32BE(4), length: payload.readUInt32BE(8) };
}

function wholeHashes(bytes: Buffer): Buffer {
  if (bytes.length % HASH_BYTES !== 0) throw new ProtocolError(`hashes of ${bytes.length} bytes`);
  return bytes;
}

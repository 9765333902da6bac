/** The byte behind the length of a frame. */
export const BT_FRAME_TYPES = {
  // BEP 3
  choke: 0,
  unchoke: 1,
  interested: 2,
  'not interested': 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  // BEP 5
  port: 9,
  // BEP 6
  suggest: 13,
  'have all': 14,
  'have none': 15,
  reject: 16,
  'allowed fast': 17,
  // BEP 10
  extended: 20,
  // BEP 52
  'hash request': 21,
  hashes: 22,
  'hash reject': 23,
} as const;

/** Under this id of BEP 10 both sides say which extensions they speak. */
export const EXTENSION_HANDSHAKE_ID = 0;

export const LENGTH_BYTES = 4;
/** Bytes of a frame before the bytes of a block: length, type, piece index, begin. */
export const BLOCK_HEADER_BYTES = 13;
/** Piece index and begin. */
export const BLOCK_START_BYTES = 8;
/** A `BlockPlace`. */
export const BLOCK_PLACE_BYTES = 12;
/** SHA-256. */
export const HASH_BYTES = 32;

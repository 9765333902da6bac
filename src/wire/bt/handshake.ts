import { infoHashFromBytes, infoHashToBytes } from '../../metainfo/metainfo.ts';
import { ProtocolError } from '../lan/message.ts';
import type { BtHandshake } from './message.ts';

/** BEP 3: the length of the protocol's name comes first. */
export const BT_FIRST_BYTE = 19;
export const BT_HANDSHAKE_BYTES = 68;

const HEADER = Buffer.from(`${String.fromCharCode(BT_FIRST_BYTE)}BitTorrent protocol`, 'latin1');
const RESERVED_AT = HEADER.length;
const INFO_HASH_AT = RESERVED_AT + 8;
const PEER_ID_AT = INFO_HASH_AT + 20;

interface ReservedBit {
  /** Of the eight reserved bytes. */
  readonly byte: number;
  readonly mask: number;
}

/** BEP 10, BEP 6, BEP 52. */
const RESERVED: Readonly<Record<keyof BtHandshake['supports'], ReservedBit>> = {
  extensions: { byte: 5, mask: 0x10 },
  fast: { byte: 7, mask: 0x04 },
  v2: { byte: 7, mask: 0x10 },
};

/** 19, `BitTorrent protocol`, 8 reserved bytes, info-hash, peer id (BEP 3). */
export function encodeBtHandshake({ infoHash, peerId, supports }: Omit<BtHandshake, 'type'>): Uint8Array {
  if (peerId.length !== 20) throw new RangeError('a peer id has 20 bytes');
  const bytes = Buffer.alloc(BT_HANDSHAKE_BYTES);
  bytes.set(HEADER);
  if (supports.extensions) setBit(bytes, RESERVED.extensions);
  if (supports.fast) setBit(bytes, RESERVED.fast);
  if (supports.v2) setBit(bytes, RESERVED.v2);
  bytes.set(infoHashToBytes(infoHash), INFO_HASH_AT);
  bytes.set(peerId, PEER_ID_AT);
  return bytes;
}

/**
 * Checks the bytes of a handshake that have arrived, so that a stranger is known by its first wrong byte
 * and is not waited for. `start` is the place of `bytes[0]` in the handshake.
 */
export function checkBtHandshakeBytes(bytes: Uint8Array, start: number): void {
  const end = Math.min(bytes.length, HEADER.length - start);
  for (let at = 0; at < end; at++) {
    if (bytes[at] !== HEADER[start + at])
      throw new ProtocolError('the handshake does not start with BitTorrent protocol');
  }
}

/** A whole handshake that passed `checkBtHandshakeBytes`. Reserved bits that are not known here are ignored. */
export function decodeBtHandshake(bytes: Uint8Array): BtHandshake {
  return {
    type: 'handshake',
    infoHash: infoHashFromBytes(bytes.subarray(INFO_HASH_AT, PEER_ID_AT)),
    peerId: Uint8Array.from(bytes.subarray(PEER_ID_AT, BT_HANDSHAKE_BYTES)),
    supports: {
      extensions: hasBit(bytes, RESERVED.extensions),
      fast: hasBit(bytes, RESERVED.fast),
      v2: hasBit(bytes, RESERVED.v2),
    },
  };
}

function setBit(handshake: Uint8Array, { byte, mask }: ReservedBit): void {
  handshake[RESERVED_AT + byte] = (handshake[RESERVED_AT + byte] ?? 0) | mask;
}

function hasBit(handshake: Uint8Array, { byte, mask }: ReservedBit): boolean {
  return ((handshake[RESERVED_AT + byte] ?? 0) & mask) !== 0;
}

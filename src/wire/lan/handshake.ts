import { type PeerId, peerIdFromBytes } from '../../holdings/holding.ts';
import { type LanHandshake, ProtocolError } from './message.ts';

const HEADER = Buffer.from('P2PFILESHARINGPROJ', 'latin1');
const ZERO_BYTES = 10;
export const HANDSHAKE_BYTES = 32;

/** 18-byte header, 10 zero bytes, 4-byte big-endian peer ID. */
export function encodeHandshake(id: number): Uint8Array {
  const bytes = Buffer.alloc(HANDSHAKE_BYTES);
  HEADER.copy(bytes);
  bytes.writeUInt32BE(id, HEADER.length + ZERO_BYTES);
  return bytes;
}

/** The ten zero bytes: refused where they are anything else, or not looked at. */
export type Zeros = 'checked' | 'any';

/**
 * Checks the bytes of a handshake that have arrived, so that a stranger is known by its first wrong byte
 * and is not waited for. `start` is the place of `bytes[0]` in the handshake.
 */
export function checkHandshakeBytes(bytes: Uint8Array, start: number, zeros: Zeros): void {
  for (let at = 0; at < bytes.length; at++) {
    const place = start + at;
    if (place < HEADER.length) {
      if (bytes[at] !== HEADER[place])
        throw new ProtocolError('the handshake does not start with P2PFILESHARINGPROJ');
    } else if (zeros === 'checked' && place < HEADER.length + ZERO_BYTES && bytes[at] !== 0) {
      throw new ProtocolError('the ten bytes after the handshake header are not zero');
    }
  }
}

/** A whole handshake that passed `checkHandshakeBytes`. */
export function decodeHandshake(bytes: Uint8Array): LanHandshake {
  const idAt = HEADER.length + ZERO_BYTES;
  const id = Buffer.from(bytes.buffer, bytes.byteOffset, HANDSHAKE_BYTES).readUInt32BE(idAt);
  const zeros = bytes.subarray(HEADER.length, idAt);
  return zeros.every((byte) => byte === 0)
    ? { type: 'handshake', id }
    : { type: 'handshake', id, notZero: zeros };
}

/** The 4-byte peer ID of the handshake: the last four bytes of the 20-byte one. */
export function shortId(peerId: PeerId): number {
  return Number.parseInt(peerId.slice(-8), 16);
}

/** The 20-byte peer id of a peer that has only a 4-byte one: zeros before it. */
export function peerIdOfShort(id: number): PeerId {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(id, 16);
  return peerIdFromBytes(bytes);
}

import type { PeerId } from '../../holdings/holding.ts';
import { ProtocolError } from './message.ts';

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

/**
 * Checks the bytes of a handshake that have arrived, so that a stranger is known by its first wrong byte
 * and is not waited for. `start` is the place of `bytes[0]` in the handshake.
 */
export function checkHandshakeBytes(bytes: Uint8Array, start: number): void {
  for (let at = 0; at < bytes.length; at++) {
    const place = start + at;
    if (place < HEADER.length) {
      if (bytes[at] !== HEADER[place])
        throw new ProtocolError('the handshake does not start with P2PFILESHARINGPROJ');
    } else if (place < HEADER.length + ZERO_BYTES && bytes[at] !== 0) {
      throw new ProtocolError('the ten bytes after the handshake header are not zero');
    }
  }
}

/** The peer ID of a whole handshake that passed `checkHandshakeBytes`. */
export function handshakeId(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, HANDSHAKE_BYTES).readUInt32BE(
    HEADER.length + ZERO_BYTES,
  );
}

/** The 4-byte peer ID of the handshake: the last four bytes of the 20-byte one. */
export function shortId(peerId: PeerId): number {
  return Number.parseInt(peerId.slice(-8), 16);
}

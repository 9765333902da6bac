import { CONTENT_ROW_BYTES, PEER_ROW_AT, PEER_ROW_BYTES, PEER_STATES } from '../../registry/rows.ts';
import type { StoreBatch } from '../peer-store.ts';

/** Who sends it: 8 random bytes, for one process. */
export const ORIGIN_BYTES = 8;
/** Origin, number of peer rows (32 bits, network order); behind it the rows of peers, then those of contents. */
export const MESSAGE_HEADER_BYTES = ORIGIN_BYTES + 4;

export function encodeMessage(origin: Uint8Array, { peers, contents }: StoreBatch): Buffer {
  const header = Buffer.alloc(MESSAGE_HEADER_BYTES);
  header.set(origin);
  header.writeUInt32BE(peers.length / PEER_ROW_BYTES, ORIGIN_BYTES);
  return Buffer.concat([header, peers, contents]);
}

/**
 * What is news to who hears it; undefined where nothing is, and for what another program has published. Of our own only
 * the goodbyes are: what was read after an interruption, before they could be saved, has brought those peers back.
 */
export function decodeMessage(message: Buffer, ownOrigin: Uint8Array): StoreBatch | undefined {
  if (message.length < MESSAGE_HEADER_BYTES) return undefined;
  const peersEnd = MESSAGE_HEADER_BYTES + message.readUInt32BE(ORIGIN_BYTES) * PEER_ROW_BYTES;
  if (peersEnd > message.length || (message.length - peersEnd) % CONTENT_ROW_BYTES !== 0) return undefined;
  const peers = message.subarray(MESSAGE_HEADER_BYTES, peersEnd);
  const isOwn = message.subarray(0, ORIGIN_BYTES).equals(ownOrigin);
  return isOwn ? goodbyes(peers) : { peers, contents: message.subarray(peersEnd) };
}

function goodbyes(peers: Buffer): StoreBatch | undefined {
  const gone: Buffer[] = [];
  for (let at = 0; at < peers.length; at += PEER_ROW_BYTES) {
    if (peers[at + PEER_ROW_AT.state] === PEER_STATES.gone)
      gone.push(peers.subarray(at, at + PEER_ROW_BYTES));
  }
  return gone.length === 0 ? undefined : { peers: Buffer.concat(gone), contents: new Uint8Array(0) };
}

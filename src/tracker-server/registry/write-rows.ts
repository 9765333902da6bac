import type { AddressFamily } from '../../wire/tracker/compact-peers.ts';
import type { Announcement } from './announcement.ts';
import type { PeerList } from './peer-list.ts';
import { CONTENT_ROW_BYTES, PEER_ROW_AT, PEER_ROW_BYTES, PEER_STATES } from './rows.ts';
import type { Swarm } from './swarm.ts';

const HASH_WORDS = 5;
/** Before an IPv4 address in an IPv6 one (RFC 4291 section 2.5.5.2). */
const MAPPED = 0xffff;

/** At `at`, where the view has nothing but zeros. */
export function writePeerRow(
  infoHash: Uint32Array,
  list: PeerList,
  slot: number,
  state: number,
  view: DataView,
  at: number,
): void {
  writeWords(view, at + PEER_ROW_AT.infoHash, infoHash);
  for (let word = 0; word < HASH_WORDS; word++)
    view.setUint32(at + PEER_ROW_AT.peerId + word * 4, list.peerIdWord(slot, word));
  const words = list.addressWords;
  const address = startAddress(view, at, words === 1 ? 'IPv4' : 'IPv6');
  for (let word = 0; word < words; word++) view.setUint32(address + word * 4, list.addressWord(slot, word));
  view.setUint16(at + PEER_ROW_AT.port, list.port(slot));
  view.setUint8(at + PEER_ROW_AT.state, state);
  view.setUint32(at + PEER_ROW_AT.seenAt, list.seenAt(slot));
}

export function writeGoodbyeRow(peer: Announcement, seconds: number): Uint8Array {
  const row = new Uint8Array(PEER_ROW_BYTES);
  const view = new DataView(row.buffer);
  writeWords(view, PEER_ROW_AT.infoHash, peer.infoHash);
  writeWords(view, PEER_ROW_AT.peerId, peer.peerId);
  const words = peer.family === 'IPv4' ? peer.address.subarray(0, 1) : peer.address;
  writeWords(view, startAddress(view, 0, peer.family), words);
  view.setUint16(PEER_ROW_AT.port, peer.port);
  view.setUint8(PEER_ROW_AT.state, PEER_STATES.gone);
  view.setUint32(PEER_ROW_AT.seenAt, seconds);
  return row;
}

export function writeContentRow({ infoHash, completed }: Swarm): Uint8Array {
  const row = new Uint8Array(CONTENT_ROW_BYTES);
  const view = new DataView(row.buffer);
  writeWords(view, 0, infoHash);
  view.setUint32(HASH_WORDS * 4, completed);
  return row;
}

/** Where the address's own words begin. */
function startAddress(view: DataView, at: number, family: AddressFamily): number {
  if (family === 'IPv6') return at + PEER_ROW_AT.address;
  view.setUint32(at + PEER_ROW_AT.address + 8, MAPPED);
  return at + PEER_ROW_AT.address + 12;
}

function writeWords(view: DataView, at: number, words: Uint32Array): void {
  for (let word = 0; word < words.length; word++) view.setUint32(at + word * 4, words[word] ?? 0);
}

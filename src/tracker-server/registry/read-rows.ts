import { type Announcement, emptyAnnouncement } from './announcement.ts';
import {
  CONTENT_ROW_BYTES,
  type ContentRows,
  PEER_ROW_AT,
  PEER_ROW_BYTES,
  PEER_STATES,
  type PeerRows,
} from './rows.ts';

/** One row, in the announcement's words; the same object for each. */
export interface PeerRow {
  readonly peer: Announcement;
  isGone: boolean;
  /** Unix seconds. */
  seenAt: number;
}

/** Rows that no tracker can have written are left out. */
export function* readPeerRows(rows: PeerRows): Generator<PeerRow> {
  const row: PeerRow = { peer: emptyAnnouncement(), isGone: false, seenAt: 0 };
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let at = 0; at + PEER_ROW_BYTES <= rows.length; at += PEER_ROW_BYTES)
    if (readPeerRow(view, at, row)) yield row;
}

function readPeerRow(view: DataView, at: number, row: PeerRow): boolean {
  const { peer } = row;
  const state = view.getUint8(at + PEER_ROW_AT.state);
  readWords(view, at + PEER_ROW_AT.infoHash, peer.infoHash);
  readWords(view, at + PEER_ROW_AT.peerId, peer.peerId);
  readWords(view, at + PEER_ROW_AT.address, peer.address);
  const isMapped = peer.address[0] === 0 && peer.address[1] === 0 && peer.address[2] === 0xffff;
  peer.family = isMapped ? 'IPv4' : 'IPv6';
  if (isMapped) peer.address[0] = peer.address[3] ?? 0;
  peer.port = view.getUint16(at + PEER_ROW_AT.port);
  peer.isSeeder = state === PEER_STATES.seeder;
  row.isGone = state === PEER_STATES.gone;
  row.seenAt = view.getUint32(at + PEER_ROW_AT.seenAt);
  return state <= PEER_STATES.seeder && peer.port !== 0;
}

/** One content; the same object for each. */
export interface ContentRow {
  readonly infoHash: Uint32Array;
  completed: number;
}

export function* readContentRows(rows: ContentRows): Generator<ContentRow> {
  const row: ContentRow = { infoHash: new Uint32Array(5), completed: 0 };
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let at = 0; at + CONTENT_ROW_BYTES <= rows.length; at += CONTENT_ROW_BYTES) {
    readWords(view, at, row.infoHash);
    row.completed = view.getUint32(at + 20);
    yield row;
  }
}

function readWords(view: DataView, at: number, words: Uint32Array): void {
  for (let word = 0; word < words.length; word++) words[word] = view.getUint32(at + word * 4);
}

import type { Holding, PeerId } from '../../holdings/holding.ts';
import { MAX_DATAGRAM_BYTES } from '../../limits.ts';
import { type BencodeInput, encodeBencode } from '../../metainfo/bencode.ts';
import { infoHashToBytes } from '../../metainfo/metainfo.ts';
import {
  BEACON_HEADER_BYTES,
  BEACON_KIND,
  BEACON_MAGIC,
  BEACON_VERSION,
  type BeaconHoldings,
  type BeaconQuery,
  type Withdrawal,
} from './beacon-message.ts';
import { recordFields } from './holding-record.ts';

/** Beside the records of a holdings message: its fields with their largest values, and the list's frame. */
const HOLDINGS_BODY_BYTES = 90;
const RECORDS_ROOM_BYTES = MAX_DATAGRAM_BYTES - BEACON_HEADER_BYTES - HOLDINGS_BODY_BYTES;

type Fields = { readonly [key: string]: BencodeInput | undefined };

/** One datagram of at most MAX_DATAGRAM_BYTES; own holdings that do not fit are left out. */
export function encodeQuery(query: Omit<BeaconQuery, 'kind'>): Uint8Array {
  const { peerId, port, transaction, asked, known, holdings, lifetimeMs } = query;
  const body: Fields = {
    i: idBytes(peerId),
    p: port,
    x: transaction,
    t: lifetimeMs,
    h: asked.kind === 'infoHash' ? infoHashToBytes(asked.infoHash) : undefined,
    n: asked.kind === 'name' ? asked.name : undefined,
    k: known.length > 0 ? Buffer.from(known.join(''), 'hex') : undefined,
  };
  const [records] = splitBySize(holdings.map(recordFields), roomBeside(body));
  return frame('query', records === undefined ? body : { ...body, r: records });
}

/** As many datagrams as it takes, each of at most MAX_DATAGRAM_BYTES. Nothing to say makes none. */
export function encodeHoldings(message: Omit<BeaconHoldings, 'kind'>): Uint8Array[] {
  const { peerId, port, lifetimeMs, holdings, withdrawn, answer } = message;
  const body: Fields = {
    i: idBytes(peerId),
    p: port,
    t: lifetimeMs,
    x: answer?.transaction,
    c: answer?.total,
  };
  const records = splitBySize(holdings.map(recordFields), RECORDS_ROOM_BYTES);
  const withdrawals = splitBySize(withdrawn.map(withdrawalFields), RECORDS_ROOM_BYTES);
  return [
    ...records.map((r) => frame('holdings', { ...body, r })),
    ...withdrawals.map((w) => frame('holdings', { ...body, w })),
  ];
}

/** The holdings in parts that `encodeHoldings` puts into one datagram each. */
export function splitHoldings(holdings: readonly Holding[]): Holding[][] {
  let position = 0;
  return splitBySize(holdings.map(recordFields), RECORDS_ROOM_BYTES).map(({ length }) => {
    position += length;
    return holdings.slice(position - length, position);
  });
}

export function encodeBye(peerId: PeerId): Uint8Array {
  return frame('bye', { i: idBytes(peerId) });
}

function frame(kind: keyof typeof BEACON_KIND, body: Fields): Uint8Array {
  return Buffer.concat([BEACON_MAGIC, Uint8Array.of(BEACON_VERSION, BEACON_KIND[kind]), encodeBencode(body)]);
}

/** Bytes for the items of one list beside these fields; `1:rl` and `e` are the list's own. */
function roomBeside(body: Fields): number {
  return MAX_DATAGRAM_BYTES - BEACON_HEADER_BYTES - encodeBencode(body).length - 5;
}

/** In order, each part as full as it gets. */
function splitBySize(items: readonly Fields[], room: number): Fields[][] {
  const parts: Fields[][] = [];
  let part: Fields[] = [];
  let left = 0;
  for (const item of items) {
    const size = encodeBencode(item).length;
    if (size > left) {
      part = [];
      parts.push(part);
      left = room;
    }
    part.push(item);
    left -= size;
  }
  return parts;
}

function withdrawalFields({ infoHash, version }: Withdrawal): Fields {
  return { h: infoHashToBytes(infoHash), v: version };
}

function idBytes(peerId: PeerId): Uint8Array {
  return Buffer.from(peerId, 'hex');
}

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
const HOLDINGS_BODY_BYTES = 103;
/** `d1:h20:` and a hash, `1:vi` and sixteen digits, `ee`. */
const MAX_WITHDRAWAL_BYTES = 50;
const RECORDS_ROOM_BYTES = MAX_DATAGRAM_BYTES - BEACON_HEADER_BYTES - HOLDINGS_BODY_BYTES;

type Fields = { readonly [key: string]: BencodeInput | undefined };

/** One datagram of at most MAX_DATAGRAM_BYTES; own holdings that do not fit are left out. */
export function encodeQuery(query: Omit<BeaconQuery, 'kind'>): Uint8Array {
  const { peerId, port, transaction, asked, known, holdings, lifetimeMs, cookie } = query;
  const body: Fields = {
    i: idBytes(peerId),
    p: port,
    x: transaction,
    t: lifetimeMs,
    h: asked.kind === 'infoHash' ? infoHashToBytes(asked.infoHash) : undefined,
    n: asked.kind === 'name' ? asked.name : undefined,
    k: known.length > 0 ? Buffer.from(known.join(''), 'hex') : undefined,
    q: cookie,
  };
  const [fitting] = splitBySize(holdings, recordSize, roomBeside(body));
  return frame('query', fitting === undefined ? body : { ...body, r: fitting.map(recordFields) });
}

/** As many datagrams as it takes, each of at most MAX_DATAGRAM_BYTES. Nothing to say makes none. */
export function encodeHoldings(message: Omit<BeaconHoldings, 'kind'>): Uint8Array[] {
  const { holdings, withdrawn } = message;
  const body = senderFields(message);
  const withdrawals = splitBySize(withdrawn, () => MAX_WITHDRAWAL_BYTES, RECORDS_ROOM_BYTES);
  return [
    ...splitHoldings(holdings).map((part) => frame('holdings', { ...body, r: part.map(recordFields) })),
    ...withdrawals.map((part) => frame('holdings', { ...body, w: part.map(withdrawalFields) })),
  ];
}

/**
 * The beginning of an answer, for an asker whose address is not proven: one datagram of at most `maxBytes`, with as
 * many records as fit, or none.
 */
export function encodeAnswerStart(
  message: Omit<BeaconHoldings, 'kind' | 'withdrawn'>,
  maxBytes: number,
): Uint8Array {
  const { holdings } = message;
  const body = senderFields(message);
  const room = Math.min(maxBytes, MAX_DATAGRAM_BYTES) - (MAX_DATAGRAM_BYTES - roomBeside(body));
  const [first] = splitBySize(holdings, recordSize, room);
  const fitting = (first ?? []).filter((holding) => recordSize(holding) <= room);
  return frame('holdings', fitting.length > 0 ? { ...body, r: fitting.map(recordFields) } : body);
}

/** The holdings in parts that `encodeHoldings` puts into one datagram each. */
export function splitHoldings(holdings: readonly Holding[]): Holding[][] {
  return splitBySize(holdings, recordSize, RECORDS_ROOM_BYTES);
}

export function encodeBye(peerId: PeerId): Uint8Array {
  return frame('bye', { i: idBytes(peerId) });
}

function senderFields({
  peerId,
  port,
  lifetimeMs,
  answer,
}: Omit<BeaconHoldings, 'kind' | 'withdrawn'>): Fields {
  return {
    i: idBytes(peerId),
    p: port,
    t: lifetimeMs,
    x: answer?.transaction,
    c: answer?.total,
    q: answer?.cookie,
  };
}

function frame(kind: keyof typeof BEACON_KIND, body: Fields): Uint8Array {
  return Buffer.concat([BEACON_MAGIC, Uint8Array.of(BEACON_VERSION, BEACON_KIND[kind]), encodeBencode(body)]);
}

/** Bytes for the items of one list beside these fields; `1:rl` and `e` are the list's own. */
function roomBeside(body: Fields): number {
  return MAX_DATAGRAM_BYTES - BEACON_HEADER_BYTES - encodeBencode(body).length - 5;
}

/** In order, each part as full as it gets. */
function splitBySize<T>(items: readonly T[], sizeOf: (item: T) => number, room: number): T[][] {
  const parts: T[][] = [];
  let part: T[] = [];
  let left = 0;
  for (const item of items) {
    const size = sizeOf(item);
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

/** Records are told many times, and asked for by strangers: their size is worked out once. */
const recordSizes = new WeakMap<Holding, number>();

function recordSize(holding: Holding): number {
  const known = recordSizes.get(holding);
  if (known !== undefined) return known;
  const size = encodeBencode(recordFields(holding)).length;
  recordSizes.set(holding, size);
  return size;
}

function withdrawalFields({ infoHash, version }: Withdrawal): Fields {
  return { h: infoHashToBytes(infoHash), v: version };
}

function idBytes(peerId: PeerId): Uint8Array {
  return Buffer.from(peerId, 'hex');
}

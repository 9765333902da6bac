import { type PeerId, peerIdFromBytes } from '../../holdings/holding.ts';
import {
  MAX_DATAGRAM_RECEIVED_BYTES,
  MAX_HOLDING_TTL_MS,
  MAX_KNOWN_PEERS_IN_QUERY,
  MAX_NAME_BYTES,
} from '../../limits.ts';
import { type Bencoded, BencodeError, decodeBencode } from '../../metainfo/bencode.ts';
import type { Query } from '../discovery.ts';
import { COOKIE_BYTES } from './address-cookies.ts';
import {
  type AnswerMark,
  BEACON_HEADER_BYTES,
  BEACON_KIND,
  BEACON_MAGIC,
  BEACON_VERSION,
  type BeaconBye,
  type BeaconHoldings,
  type BeaconMessage,
  type BeaconQuery,
  PEER_MARK_DIGITS,
  type Withdrawal,
} from './beacon-message.ts';
import { decodeHash, decodeRecord, inRange } from './holding-record.ts';

/** Why a datagram is dropped; counted under this name. */
export type BeaconFault = 'too long' | 'not a beacon' | 'unknown version' | 'unknown kind' | 'malformed';

/** The longest list of records has about 140 of 20 values each. */
const BENCODE_LIMITS = { maxBytes: MAX_DATAGRAM_RECEIVED_BYTES, maxDepth: 3, maxTokens: 3_000 };
const MAX_TRANSACTION = 0xffff_ffff;

/** Whether it is for the beacon to judge: everything but the kinds that gossip has on the same port. */
export function isBeacon(bytes: Uint8Array): boolean {
  const kind = bytes[5] ?? 0;
  return kind < FIRST_FOREIGN_KIND || !BEACON_MAGIC.equals(bytes.subarray(0, BEACON_MAGIC.length));
}

const FIRST_FOREIGN_KIND = 16;

/** Believes nothing: whatever is missing, too long or out of its range makes the whole datagram malformed. */
export function decodeBeacon(bytes: Uint8Array): BeaconMessage | { readonly fault: BeaconFault } {
  if (bytes.length > MAX_DATAGRAM_RECEIVED_BYTES) return { fault: 'too long' };
  if (bytes.length < BEACON_HEADER_BYTES || !BEACON_MAGIC.equals(bytes.subarray(0, BEACON_MAGIC.length)))
    return { fault: 'not a beacon' };
  if (bytes[4] !== BEACON_VERSION) return { fault: 'unknown version' };
  const decode = DECODERS[bytes[5] ?? 0];
  if (decode === undefined) return { fault: 'unknown kind' };
  try {
    return (
      decode(decodeBencode(bytes.subarray(BEACON_HEADER_BYTES), BENCODE_LIMITS)) ?? { fault: 'malformed' }
    );
  } catch (error) {
    if (error instanceof BencodeError) return { fault: 'malformed' };
    throw error;
  }
}

const DECODERS: Readonly<Record<number, (body: Bencoded) => BeaconMessage | undefined>> = {
  [BEACON_KIND.query]: decodeQuery,
  [BEACON_KIND.holdings]: decodeHoldings,
  [BEACON_KIND.bye]: decodeBye,
};

function decodeQuery(body: Bencoded): BeaconQuery | undefined {
  const sender = decodeSender(body);
  const transaction = inRange(body.field('x')?.integer, 0, MAX_TRANSACTION);
  const asked = decodeAsked(body);
  const known = decodeKnown(body.field('k'));
  if (sender === undefined || transaction === undefined || asked === undefined || known === undefined)
    return undefined;
  const cookie = decodeCookie(body.field('q'));
  return { kind: 'query', ...sender, transaction, asked, known, cookie };
}

function decodeHoldings(body: Bencoded): BeaconHoldings | undefined {
  const sender = decodeSender(body);
  const withdrawn = decodeAll(body.field('w'), decodeWithdrawal);
  const answer = decodeAnswerMark(body);
  if (sender === undefined || withdrawn === undefined || answer === 'malformed') return undefined;
  return { kind: 'holdings', ...sender, withdrawn, answer };
}

function decodeBye(body: Bencoded): BeaconBye | undefined {
  const peerId = decodePeerId(body.field('i'));
  return peerId === undefined ? undefined : { kind: 'bye', peerId };
}

type Sender = Pick<BeaconQuery, 'peerId' | 'port' | 'holdings' | 'lifetimeMs'>;

function decodeSender(body: Bencoded): Sender | undefined {
  const peerId = decodePeerId(body.field('i'));
  const port = inRange(body.field('p')?.integer, 1, 65_535);
  const lifetimeMs = inRange(body.field('t')?.integer, 1, MAX_HOLDING_TTL_MS);
  if (peerId === undefined || port === undefined || lifetimeMs === undefined) return undefined;
  const holdings = decodeAll(body.field('r'), (record) => decodeRecord(record, peerId, port));
  return holdings === undefined ? undefined : { peerId, port, lifetimeMs, holdings };
}

function decodePeerId(field: Bencoded | undefined): PeerId | undefined {
  const bytes = field?.bytes;
  return bytes?.length === 20 ? peerIdFromBytes(bytes) : undefined;
}

function decodeAsked(body: Bencoded): Query | undefined {
  const hashField = body.field('h');
  const nameField = body.field('n');
  if (hashField !== undefined) {
    const infoHash = decodeHash(hashField);
    return infoHash === undefined ? undefined : { kind: 'infoHash', infoHash };
  }
  if (nameField === undefined) return { kind: 'everything' };
  const name = nameField.text;
  if (name === undefined || name === '' || Buffer.byteLength(name) > 2 * MAX_NAME_BYTES) return undefined;
  return { kind: 'name', name };
}

function decodeKnown(field: Bencoded | undefined): readonly string[] | undefined {
  if (field === undefined) return [];
  const { bytes } = field;
  if (bytes === undefined) return undefined;
  const digits = Buffer.from(bytes).toString('hex');
  if (digits.length % PEER_MARK_DIGITS !== 0) return undefined;
  if (digits.length > MAX_KNOWN_PEERS_IN_QUERY * PEER_MARK_DIGITS) return undefined;
  return digits.match(new RegExp(`.{${PEER_MARK_DIGITS}}`, 'g')) ?? [];
}

function decodeAnswerMark(body: Bencoded): AnswerMark | undefined | 'malformed' {
  if (body.field('x') === undefined) return undefined;
  const transaction = inRange(body.field('x')?.integer, 0, MAX_TRANSACTION);
  const total = inRange(body.field('c')?.integer, 0, Number.MAX_SAFE_INTEGER);
  if (transaction === undefined || total === undefined) return 'malformed';
  return { transaction, total, cookie: decodeCookie(body.field('q')) };
}

/** One of another length than ours is another's: it will not be accepted, and harms nobody. */
function decodeCookie(field: Bencoded | undefined): Uint8Array | undefined {
  return field?.bytes?.length === COOKIE_BYTES ? field.bytes : undefined;
}

function decodeWithdrawal(body: Bencoded): Withdrawal | undefined {
  const infoHash = decodeHash(body.field('h'));
  const version = inRange(body.field('v')?.integer, 0, Number.MAX_SAFE_INTEGER);
  return infoHash === undefined || version === undefined ? undefined : { infoHash, version };
}

/** All of a list, or undefined where one is malformed; a list that is not there is empty. */
function decodeAll<T>(
  field: Bencoded | undefined,
  decode: (item: Bencoded) => T | undefined,
): readonly T[] | undefined {
  const decoded: T[] = [];
  if (field === undefined) return decoded;
  if (field.kind !== 'list') return undefined;
  for (const item of field.items()) {
    const value = decode(item);
    if (value === undefined) return undefined;
    decoded.push(value);
  }
  return decoded;
}

import { type PeerId, peerIdFromBytes } from '../../holdings/holding.ts';
import { infoHashFromBytes } from '../../metainfo/metainfo.ts';
import type { Endpoint } from '../../platform/endpoint.ts';
import { type Entry, type GossipItem, type Scope, SHORT_ID_BYTES } from '../gossip-message.ts';
import { ByteReader, MalformedError } from './byte-reader.ts';
import { decodeStatement, isForeignStatement } from './decode-statement.ts';
import {
  BUCKET_DIGEST_BYTES,
  byCode,
  DIGEST_BYTES,
  EXAMINED_CODE,
  INFO_HASH_BYTES,
  ITEM_TYPE,
  MAX_BUCKET_BITS,
  PEER_ID_BYTES,
  SCOPE_CODE,
  VERSION_BYTES,
  WALL_TIME_BYTES,
} from './gossip-layout.ts';
import { hintedEndpoint } from './hint-address.ts';

const TYPES = byCode(ITEM_TYPE);
const SCOPES = byCode(SCOPE_CODE);
const OUTCOMES = byCode(EXAMINED_CODE);

/** The next item; undefined where its type, or the kind of its statement, is of a later version. */
export function readItem(reader: ByteReader): GossipItem | undefined {
  const type = TYPES.get(reader.uint(1));
  const body = new ByteReader(reader.view(reader.uint(2)));
  if (type === undefined) return undefined;
  const item = readBody(body, type);
  body.end();
  return item;
}

function readBody(reader: ByteReader, kind: GossipItem['kind']): GossipItem | undefined {
  switch (kind) {
    case 'ping':
    case 'ack':
      return { kind, sequence: reader.uint(4) };
    case 'ask':
    case 'vouch':
      return { kind, sequence: reader.uint(4), target: readPeerId(reader) };
    case 'unreachable':
      return { kind, target: readPeerId(reader) };
    case 'root':
      return { kind, scope: readScope(reader), digest: reader.copy(DIGEST_BYTES) };
    case 'buckets':
      return readBuckets(reader);
    case 'entries':
      return readBucketEntries(reader);
    case 'want':
      return { kind, scope: readScope(reader), entries: readEntries(reader) };
    case 'statement':
      return readStatement(reader);
    case 'examine':
      return { kind, sequence: reader.uint(4), port: reader.port() };
    case 'examined':
      return {
        kind,
        sequence: reader.uint(4),
        outcome: known(OUTCOMES.get(reader.uint(1))),
        wallTime: reader.uint(WALL_TIME_BYTES),
      };
  }
}

function readPeerId(reader: ByteReader): PeerId {
  return peerIdFromBytes(reader.view(PEER_ID_BYTES));
}

function readScope(reader: ByteReader): Scope {
  const kind = known(SCOPES.get(reader.uint(1)));
  if (kind === 'members') return { kind };
  return { kind, infoHash: infoHashFromBytes(reader.view(INFO_HASH_BYTES)) };
}

function readBuckets(reader: ByteReader): GossipItem {
  const scope = readScope(reader);
  const bits = reader.uint(1, 0, MAX_BUCKET_BITS);
  const digests = Uint32Array.from({ length: 2 ** bits }, () => reader.uint(BUCKET_DIGEST_BYTES));
  return { kind: 'buckets', scope, bits, digests };
}

function readBucketEntries(reader: ByteReader): GossipItem {
  const scope = readScope(reader);
  const bits = reader.uint(1, 0, MAX_BUCKET_BITS);
  const bucket = reader.uint(1, 0, 2 ** bits - 1);
  return { kind: 'entries', scope, bits, bucket, entries: readEntries(reader) };
}

function readEntries(reader: ByteReader): Entry[] {
  const entries: Entry[] = [];
  while (reader.left > 0)
    entries.push({ shortId: reader.hex(SHORT_ID_BYTES), version: reader.uint(VERSION_BYTES) });
  return entries;
}

function readStatement(reader: ByteReader): GossipItem | undefined {
  const provenAt = readHint(reader);
  const bytes = reader.view(reader.left);
  if (isForeignStatement(bytes)) return undefined;
  return { kind: 'statement', statement: known(decodeStatement(bytes)), provenAt };
}

const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [4, 4],
  [6, 16],
]);

/** An address that must not be sent to is no hint; the statement is as good without. */
function readHint(reader: ByteReader): Endpoint | undefined {
  const family = reader.uint(1);
  if (family === 0) return undefined;
  const address = reader.view(known(ADDRESS_BYTES.get(family)));
  return hintedEndpoint(address, reader.uint(2));
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new MalformedError('of no known kind');
  return value;
}

import type { Endpoint } from '../../platform/endpoint.ts';
import { type Entry, type GossipItem, type Scope, SHORT_ID_BYTES } from '../gossip-message.ts';
import type { ByteWriter } from './byte-writer.ts';
import {
  BUCKET_DIGEST_BYTES,
  DIGEST_BYTES,
  EXAMINED_CODE,
  INFO_HASH_BYTES,
  ITEM_HEADER_BYTES,
  ITEM_TYPE,
  MAX_BUCKET_BITS,
  PEER_ID_BYTES,
  SCOPE_CODE,
  VERSION_BYTES,
  WALL_TIME_BYTES,
} from './gossip-layout.ts';
import { hintAddress } from './hint-address.ts';

const ENTRY_BYTES = SHORT_ID_BYTES + VERSION_BYTES;

/** What the item takes in a datagram, its type and length included. */
export function itemBytes(item: GossipItem): number {
  return ITEM_HEADER_BYTES + bodyBytes(item);
}

export function writeItem(writer: ByteWriter, item: GossipItem): void {
  writer.uint(ITEM_TYPE[item.kind], 1);
  writer.uint(bodyBytes(item), 2);
  writeBody(writer, item);
}

function bodyBytes(item: GossipItem): number {
  switch (item.kind) {
    case 'ping':
    case 'ack':
      return 4;
    case 'ask':
    case 'vouch':
      return 4 + PEER_ID_BYTES;
    case 'unreachable':
      return PEER_ID_BYTES;
    case 'root':
      return scopeBytes(item.scope) + DIGEST_BYTES;
    case 'buckets':
      return scopeBytes(item.scope) + 1 + item.digests.length * BUCKET_DIGEST_BYTES;
    case 'entries':
      return scopeBytes(item.scope) + 2 + item.entries.length * ENTRY_BYTES;
    case 'want':
      return scopeBytes(item.scope) + item.entries.length * ENTRY_BYTES;
    case 'statement':
      return hintBytes(item.provenAt) + item.statement.bytes.length;
    case 'examine':
      return 4 + 2;
    case 'examined':
      return 4 + 1 + WALL_TIME_BYTES;
  }
}

function writeBody(writer: ByteWriter, item: GossipItem): void {
  switch (item.kind) {
    case 'ping':
    case 'ack':
      return writer.uint(item.sequence, 4);
    case 'ask':
    case 'vouch':
      writer.uint(item.sequence, 4);
      return writer.hex(item.target, PEER_ID_BYTES);
    case 'unreachable':
      return writer.hex(item.target, PEER_ID_BYTES);
    case 'root':
      writeScope(writer, item.scope);
      return writer.fixed(item.digest, DIGEST_BYTES);
    case 'buckets':
      return writeBuckets(writer, item);
    case 'entries':
      writeScope(writer, item.scope);
      writeBits(writer, item.bits);
      if (item.bucket >= 2 ** item.bits)
        throw new RangeError(`no bucket ${item.bucket} of ${item.bits} bits`);
      writer.uint(item.bucket, 1);
      return writeEntries(writer, item.entries);
    case 'want':
      writeScope(writer, item.scope);
      return writeEntries(writer, item.entries);
    case 'statement':
      writeHint(writer, item.provenAt);
      return writer.raw(item.statement.bytes);
    case 'examine':
      writer.uint(item.sequence, 4);
      return writer.port(item.port);
    case 'examined':
      writer.uint(item.sequence, 4);
      writer.uint(EXAMINED_CODE[item.outcome], 1);
      return writer.uint(item.wallTime, WALL_TIME_BYTES);
  }
}

function scopeBytes(scope: Scope): number {
  return scope.kind === 'members' ? 1 : 1 + INFO_HASH_BYTES;
}

function writeScope(writer: ByteWriter, scope: Scope): void {
  writer.uint(SCOPE_CODE[scope.kind], 1);
  if (scope.kind === 'content') writer.hex(scope.infoHash, INFO_HASH_BYTES);
}

function writeBuckets(writer: ByteWriter, { scope, bits, digests }: GossipItem & { kind: 'buckets' }): void {
  writeScope(writer, scope);
  writeBits(writer, bits);
  if (digests.length !== 2 ** bits) throw new RangeError(`${digests.length} digests for ${bits} bits`);
  for (const digest of digests) writer.uint(digest, BUCKET_DIGEST_BYTES);
}

function writeBits(writer: ByteWriter, bits: number): void {
  if (bits > MAX_BUCKET_BITS) throw new RangeError(`${bits} bits of a bucket`);
  writer.uint(bits, 1);
}

function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  for (const { shortId, version } of entries) {
    writer.hex(shortId, SHORT_ID_BYTES);
    writer.uint(version, VERSION_BYTES);
  }
}

function hintBytes(hint: Endpoint | undefined): number {
  const address = hintAddress(hint);
  return address === undefined ? 1 : 1 + address.length + 2;
}

/** Family 0, 4 or 6, and for the latter two address and port. */
function writeHint(writer: ByteWriter, hint: Endpoint | undefined): void {
  const address = hintAddress(hint);
  if (hint === undefined || address === undefined) return writer.uint(0, 1);
  writer.uint(address.length === 4 ? 4 : 6, 1);
  writer.raw(address);
  writer.port(hint.port);
}

import { MAX_DATAGRAM_BYTES, MAX_GOSSIP_FILTER_BYTES, MAX_GOSSIP_INTERESTS } from '../../limits.ts';
import { type Identity, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../identity.ts';
import type { Index, SignedStatement, Statement, Summary } from '../statement.ts';
import { ByteWriter } from './byte-writer.ts';
import { INFO_HASH_BYTES, VERSION_BYTES } from './gossip-layout.ts';
import { writeIndexPart } from './index-part.ts';
import { STATEMENT_CODE, statementSigningBytes } from './statement-layout.ts';

/** Throws RangeError where the statement is about somebody else, or a field is too large. */
export function signStatement(identity: Identity, statement: Statement): SignedStatement {
  if (statement.peerId !== identity.peerId) throw new RangeError('nobody speaks for another peer');
  const unsigned = encodeUnsigned(identity.publicKey, statement);
  const signature = identity.sign(statementSigningBytes(unsigned));
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError('a signature has 64 bytes');
  return { statement, bytes: new Uint8Array([...unsigned, ...signature]) };
}

function encodeUnsigned(publicKey: Uint8Array, statement: Statement): Uint8Array {
  const writer = new ByteWriter(MAX_DATAGRAM_BYTES);
  writer.uint(STATEMENT_CODE[statement.kind], 1);
  writer.fixed(publicKey, PUBLIC_KEY_BYTES);
  writer.uint(statement.version, VERSION_BYTES);
  writeBody(writer, statement);
  return writer.finish();
}

function writeBody(writer: ByteWriter, statement: Statement): void {
  switch (statement.kind) {
    case 'summary':
      return writeSummary(writer, statement);
    case 'leave':
      return;
    case 'index':
      return writeIndex(writer, statement);
    case 'index end':
      return writer.hex(statement.infoHash, INFO_HASH_BYTES);
  }
}

function writeSummary(writer: ByteWriter, { port, contentCount, interests, filter }: Summary): void {
  if (interests.length > MAX_GOSSIP_INTERESTS) throw new RangeError(`${interests.length} interests`);
  if (filter.length > MAX_GOSSIP_FILTER_BYTES) throw new RangeError(`a filter of ${filter.length} bytes`);
  writer.port(port);
  writer.uint(contentCount, 4);
  writer.uint(interests.length, 1);
  for (const infoHash of interests) writer.hex(infoHash, INFO_HASH_BYTES);
  writer.uint(filter.length, 2);
  writer.raw(filter);
}

function writeIndex(writer: ByteWriter, { infoHash, name, length, pieceCount, part }: Index): void {
  const nameBytes = Buffer.from(name);
  writer.hex(infoHash, INFO_HASH_BYTES);
  writer.uint(nameBytes.length, 1);
  writer.raw(nameBytes);
  writer.uint64(length);
  writer.uint(pieceCount, 4);
  writeIndexPart(writer, part, pieceCount);
}

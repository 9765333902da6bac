import {
  MAX_DATAGRAM_BYTES,
  MAX_GOSSIP_FILTER_BYTES,
  MAX_GOSSIP_INTERESTS,
  MAX_NAME_BYTES,
  MAX_PIECES,
} from '../../limits.ts';
import { type InfoHash, infoHashFromBytes } from '../../metainfo/metainfo.ts';
import { namePartFault } from '../../metainfo/safe-name.ts';
import { PUBLIC_KEY_BYTES, peerIdOf, SIGNATURE_BYTES } from '../identity.ts';
import type { Index, SignedStatement, Statement, Summary } from '../statement.ts';
import { type ByteReader, MalformedError, readWhole } from './byte-reader.ts';
import { byCode, INFO_HASH_BYTES, VERSION_BYTES } from './gossip-layout.ts';
import { readIndexPart } from './index-part.ts';
import { STATEMENT_CODE } from './statement-layout.ts';

const KINDS = byCode(STATEMENT_CODE);

/** Whether its first byte names a kind that we do not know: it is from a later version. */
export function isForeignStatement(bytes: Uint8Array): boolean {
  const [kind] = bytes;
  return kind !== undefined && !KINDS.has(kind);
}

/**
 * A statement as it came, signature unchecked (`isGenuine`); undefined where anything in it is missing, too
 * long, out of its range or contradicts the rest. The bytes are copied.
 */
export function decodeStatement(bytes: Uint8Array): SignedStatement | undefined {
  if (bytes.length > MAX_DATAGRAM_BYTES) return undefined;
  const own = new Uint8Array(bytes);
  const statement = readWhole(own.subarray(0, -SIGNATURE_BYTES), readStatement);
  return statement === undefined ? undefined : { statement, bytes: own };
}

type Said = Pick<Statement, 'peerId' | 'version'>;

function readStatement(reader: ByteReader): Statement {
  const kind = KINDS.get(reader.uint(1));
  if (kind === undefined) throw new MalformedError('a statement of no known kind');
  const said = { peerId: peerIdOf(reader.view(PUBLIC_KEY_BYTES)), version: reader.uint(VERSION_BYTES) };
  switch (kind) {
    case 'summary':
      return readSummary(reader, said);
    case 'leave':
      return { kind, ...said };
    case 'index':
      return readIndex(reader, said);
    case 'index end':
      return { kind, ...said, infoHash: readInfoHash(reader) };
  }
}

function readSummary(reader: ByteReader, said: Said): Summary {
  return {
    kind: 'summary',
    ...said,
    port: reader.port(),
    contentCount: reader.uint(4),
    interests: Array.from({ length: reader.uint(1, 0, MAX_GOSSIP_INTERESTS) }, () => readInfoHash(reader)),
    filter: reader.view(reader.uint(2, 0, MAX_GOSSIP_FILTER_BYTES)),
  };
}

function readIndex(reader: ByteReader, said: Said): Index {
  const infoHash = readInfoHash(reader);
  const name = readName(reader);
  const length = reader.uint64();
  const pieceCount = reader.uint(4, 0, Math.min(MAX_PIECES, length));
  if ((length === 0) !== (pieceCount === 0)) throw new MalformedError('bytes without pieces');
  const part = readIndexPart(reader, pieceCount);
  return { kind: 'index', ...said, infoHash, name, length, pieceCount, part };
}

function readInfoHash(reader: ByteReader): InfoHash {
  return infoHashFromBytes(reader.view(INFO_HASH_BYTES));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A content's name is one part of a path that every system can store. */
function readName(reader: ByteReader): string {
  const bytes = reader.view(reader.uint(1, 1, MAX_NAME_BYTES));
  const name = decodeUtf8(bytes);
  if (namePartFault(name, 'linux') !== undefined) throw new MalformedError('a name that is none');
  return name;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new MalformedError('a name that is not UTF-8');
  }
}

import { peerIdFromBytes } from '../../holdings/holding.ts';
import { MAX_HELLO_BYTES, MAX_TORRENT_BYTES } from '../../limits.ts';
import { type Bencoded, BencodeError, decodeBencode, encodeBencode } from '../../metainfo/bencode.ts';
import { infoHashFromBytes, infoHashToBytes } from '../../metainfo/metainfo.ts';
import { type Hello, ProtocolError } from './message.ts';

const LIMITS = { maxBytes: MAX_HELLO_BYTES, maxDepth: 4, maxTokens: 256 };
const MAX_FEATURES = 64;

/** A bencoded dictionary; keys as in docs/PROTOCOL.md. */
export function encodeHello(hello: Hello): Uint8Array {
  return encodeBencode({
    features: hello.features,
    info_hash: infoHashToBytes(hello.infoHash),
    metainfo_size: hello.metainfoSize,
    peer_id: Buffer.from(hello.peerId, 'hex'),
    port: hello.port,
    reqq: hello.maxRequests,
    v: hello.version,
  });
}

/** Throws ProtocolError where a key is missing or out of its range. Unknown keys are ignored. */
export function decodeHello(payload: Uint8Array): Hello {
  const dictionary = decode(payload);
  return {
    version: integer(dictionary, 'v', 1, 255),
    infoHash: infoHashFromBytes(twentyBytes(dictionary, 'info_hash')),
    peerId: peerIdFromBytes(twentyBytes(dictionary, 'peer_id')),
    port: integer(dictionary, 'port', 0, 65_535),
    maxRequests: integer(dictionary, 'reqq', 1, 1_000_000),
    metainfoSize:
      dictionary.field('metainfo_size') === undefined
        ? undefined
        : integer(dictionary, 'metainfo_size', 1, MAX_TORRENT_BYTES),
    features: features(dictionary),
  };
}

function decode(payload: Uint8Array): Bencoded {
  try {
    return decodeBencode(payload, LIMITS);
  } catch (error) {
    if (error instanceof BencodeError)
      throw new ProtocolError(`a hello that is not bencoded: ${error.message}`);
    throw error;
  }
}

function integer(dictionary: Bencoded, key: string, least: number, most: number): number {
  const value = dictionary.field(key)?.integer;
  if (value === undefined || value < least || value > most)
    throw new ProtocolError(`a hello without a valid ${key}`);
  return value;
}

function twentyBytes(dictionary: Bencoded, key: string): Uint8Array {
  const value = dictionary.field(key)?.bytes;
  if (value?.length !== 20) throw new ProtocolError(`a hello without a valid ${key}`);
  return value;
}

function features(dictionary: Bencoded): string[] {
  const list = [...(dictionary.field('features')?.items() ?? [])].slice(0, MAX_FEATURES);
  return list.map((item) => item.text ?? '').filter((text) => text !== '');
}

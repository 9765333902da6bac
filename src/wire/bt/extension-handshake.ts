import { MAX_CLIENT_NAME_BYTES, MAX_EXTENSION_HANDSHAKE_BYTES, MAX_TORRENT_BYTES } from '../../limits.ts';
import { type Bencoded, encodeBencode } from '../../metainfo/bencode.ts';
import { decodeDictionary, integerBetween } from './bencoded-payload.ts';
import type { ExtensionHandshake } from './message.ts';

const LIMITS = { maxBytes: MAX_EXTENSION_HANDSHAKE_BYTES, maxDepth: 8, maxTokens: 1_024 };

/** The dictionary of BEP 10; `upload_only` is BEP 21's, `metadata_size` BEP 9's. */
export function encodeExtensionHandshake(extension: ExtensionHandshake): Uint8Array {
  return encodeBencode({
    m: { ut_metadata: extension.metadataId, ut_pex: extension.peerExchangeId },
    metadata_size: extension.metadataSize,
    p: extension.port,
    reqq: extension.maxRequests,
    upload_only: extension.uploadOnly ? 1 : undefined,
    v: extension.client,
  });
}

/**
 * Throws ProtocolError where `payload` does not begin with a dictionary. Keys that are not known here are ignored,
 * known ones of another type or out of their range, too: what real clients put there is of no harm.
 */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const dictionary = decodeDictionary(payload, LIMITS, 'an extension handshake');
  const ids = dictionary.field('m');
  return {
    // 0 takes an extension back (BEP 10).
    metadataId: integerBetween(ids, 'ut_metadata', 1, 255),
    peerExchangeId: integerBetween(ids, 'ut_pex', 1, 255),
    metadataSize: integerBetween(dictionary, 'metadata_size', 1, MAX_TORRENT_BYTES),
    port: integerBetween(dictionary, 'p', 1, 65_535),
    client: clientName(dictionary.field('v')?.bytes),
    maxRequests: integerBetween(dictionary, 'reqq', 1, Number.MAX_SAFE_INTEGER),
    uploadOnly: isTrue(dictionary.field('upload_only')),
  };
}

/** At most MAX_CLIENT_NAME_BYTES of it as UTF-8; what is no UTF-8 becomes U+FFFD. */
function clientName(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const start = bytes.subarray(0, MAX_CLIENT_NAME_BYTES);
  // In streaming mode a character that the cut went through is left out.
  const name = new TextDecoder('utf-8', { ignoreBOM: true }).decode(start, { stream: true });
  return name === '' ? undefined : name;
}

function isTrue(value: Bencoded | undefined): boolean {
  return value?.integer !== undefined && value.integer !== 0;
}

import type { BencodeLimits } from '../../metainfo/bencode.ts';
import { type Bencoded, BencodeError, decodeBencodePrefix } from '../../metainfo/bencode.ts';
import { ProtocolError } from '../lan/message.ts';

/**
 * The dictionary that an extension message begins with; its `raw` says where it ends. `what` names the message in
 * the error. Throws ProtocolError.
 */
export function decodeDictionary(bytes: Uint8Array, limits: BencodeLimits, what: string): Bencoded {
  const value = decodeValue(bytes, limits, what);
  if (value.kind !== 'dictionary') throw new ProtocolError(`${what} that is no dictionary`);
  return value;
}

/** An integer of `least` to `most` under `key`, or undefined: what makes no sense is as good as not said. */
export function integerBetween(
  dictionary: Bencoded | undefined,
  key: string,
  least: number,
  most: number,
): number | undefined {
  const value = dictionary?.field(key)?.integer;
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function decodeValue(bytes: Uint8Array, limits: BencodeLimits, what: string): Bencoded {
  try {
    return decodeBencodePrefix(bytes, limits);
  } catch (error) {
    if (error instanceof BencodeError)
      throw new ProtocolError(`${what} that is not bencoded: ${error.message}`);
    throw error;
  }
}

import bencode from 'bencode';
import { MAX_BENCODE_DEPTH, MAX_BENCODE_TOKENS, MAX_TORRENT_BYTES } from '../limits.ts';
import {
  type BencodeError,
  type BencodeLimits,
  scanBencode,
  scanBencodePrefix,
  scanTolerantly,
} from './bencode-scan.ts';
import type { TokenTable } from './bencode-tokens.ts';

export { BencodeError, type BencodeFault, type BencodeLimits } from './bencode-scan.ts';

const TORRENT_LIMITS: BencodeLimits = {
  maxBytes: MAX_TORRENT_BYTES,
  maxDepth: MAX_BENCODE_DEPTH,
  maxTokens: MAX_BENCODE_TOKENS,
};

/**
 * Reads exactly one bencoded value (BEP 3). Nothing is built in memory but a table of twelve bytes a token;
 * the values are read out of `bytes` when they are asked for, so `bytes` must not change meanwhile.
 *
 * Stricter than BEP 3's words where two readers could understand two things: no duplicate keys, no leading
 * zeros, no -0, no integer beyond 2^53 - 1, nothing behind the value. Unsorted keys are accepted.
 * Limits that are not given are those of a .torrent. Throws BencodeError.
 */
export function decodeBencode(bytes: Uint8Array, limits: Partial<BencodeLimits> = {}): Bencoded {
  return new Bencoded(scanBencode(bytes, { ...TORRENT_LIMITS, ...limits }), 0);
}

/** Reads the value that `bytes` begin with; it ends where its `raw` does. Otherwise as `decodeBencode`. */
export function decodeBencodePrefix(bytes: Uint8Array, limits: Partial<BencodeLimits> = {}): Bencoded {
  return new Bencoded(scanBencodePrefix(bytes, { ...TORRENT_LIMITS, ...limits }), 0);
}

/**
 * Reads the value that a .torrent begins with, as old programs may have written it (`BencodeGrammar`). `irregularity` is
 * the first thing in it that `decodeBencode` would not let pass, or keys that are not sorted. Throws BencodeError.
 */
export function decodeTolerantly(bytes: Uint8Array): {
  readonly value: Bencoded;
  readonly irregularity: BencodeError | undefined;
} {
  const { table, irregularity } = scanTolerantly(bytes, TORRENT_LIMITS);
  return { value: new Bencoded(table, 0), irregularity };
}

/**
 * One value inside a decoded message. Every accessor answers undefined (or nothing) where the value is of
 * another kind, so that a reader states what it expects: `hello.field('port')?.integer`.
 */
export class Bencoded {
  readonly #tokens: TokenTable;
  readonly #index: number;

  /** Made by `decodeBencode` only. */
  constructor(tokens: TokenTable, index: number) {
    this.#tokens = tokens;
    this.#index = index;
  }

  get kind(): 'integer' | 'string' | 'list' | 'dictionary' {
    switch (this.#tokens.firstByte(this.#index)) {
      case 0x69:
        return 'integer';
      case 0x6c:
        return 'list';
      case 0x64:
        return 'dictionary';
      default:
        return 'string';
    }
  }

  /** The original bytes of this value, as they were sent; a view. */
  get raw(): Uint8Array {
    return this.#tokens.raw(this.#index);
  }

  /** Within ±(2^53 - 1); undefined beyond. */
  get integer(): number | undefined {
    if (this.kind !== 'integer') return undefined;
    const value = this.#tokens.integer(this.#index);
    // Not -0.
    return Number.isSafeInteger(value) ? value + 0 : undefined;
  }

  /** The content of a byte string; a view. */
  get bytes(): Uint8Array | undefined {
    if (this.kind !== 'string') return undefined;
    return this.#tokens.content(this.#index);
  }

  /** The content of a byte string that is valid UTF-8. */
  get text(): string | undefined {
    const { bytes } = this;
    return bytes === undefined ? undefined : decodeUtf8(bytes);
  }

  /** The value of an ASCII key of a dictionary; where that is there twice, the first. */
  field(key: string): Bencoded | undefined {
    if (this.kind !== 'dictionary') return undefined;
    const value = this.#tokens.valueOf(this.#index, key);
    return value === undefined ? undefined : new Bencoded(this.#tokens, value);
  }

  /** Keys and values of a dictionary, in the order they stand. */
  *entries(): Generator<readonly [Uint8Array, Bencoded]> {
    if (this.kind !== 'dictionary') return;
    let key: Uint8Array | undefined;
    for (const index of this.#tokens.children(this.#index)) {
      const child = new Bencoded(this.#tokens, index);
      if (key === undefined) {
        key = child.bytes;
      } else {
        yield [key, child];
        key = undefined;
      }
    }
  }

  /** The values of a list. */
  *items(): Generator<Bencoded> {
    if (this.kind !== 'list') return;
    for (const index of this.#tokens.children(this.#index)) yield new Bencoded(this.#tokens, index);
  }
}

export type BencodeInput =
  | number
  | string
  | Uint8Array
  | readonly BencodeInput[]
  | { readonly [key: string]: BencodeInput | undefined };

/**
 * Encodes with sorted keys; text becomes UTF-8; keys whose value is undefined are left out.
 * Throws RangeError for a number that is no safe integer, and for a key with a surrogate: the package sorts
 * keys by UTF-16 unit, which is the byte order BEP 3 asks for as long as there are none.
 */
export function encodeBencode(value: BencodeInput): Uint8Array {
  refuseWhatTheEncoderWouldBend(value);
  return bencode.encode(value);
}

function refuseWhatTheEncoderWouldBend(value: BencodeInput): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} cannot be bencoded`);
  } else if (Array.isArray(value)) {
    for (const item of value) refuseWhatTheEncoderWouldBend(item);
  } else if (typeof value === 'object' && !(value instanceof Uint8Array)) {
    for (const [key, item] of Object.entries(value)) {
      if (/[\ud800-\udfff]/.test(key)) throw new RangeError(`the key ${key} cannot be bencoded`);
      if (item !== undefined) refuseWhatTheEncoderWouldBend(item);
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

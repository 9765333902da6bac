import { TokenTable } from './bencode-tokens.ts';

/** What a bencoded message may cost before it is refused. */
export interface BencodeLimits {
  readonly maxBytes: number;
  /** Lists and dictionaries inside each other. */
  readonly maxDepth: number;
  /** Integers, strings (keys too), lists and dictionaries together. */
  readonly maxTokens: number;
}

export type BencodeFault =
  | 'too long'
  | 'too deep'
  | 'too many values'
  | 'truncated'
  | 'not bencode'
  | 'bad integer'
  | 'bad string length'
  | 'key is not a string'
  | 'key without value'
  | 'duplicate key'
  | 'unsorted keys'
  | 'trailing bytes';

/**
 * How much of what BEP 3 forbids is let pass. `strict`: nothing that two readers could understand in two ways.
 * `tolerant`: what libtorrent loads of a v1 .torrent, as programs have written them for twenty years: keys in any order or
 * twice (the first counts), numbers with leading zeros or of 64 bits, something behind the value.
 */
export type BencodeGrammar = 'strict' | 'tolerant';

export class BencodeError extends Error {
  override readonly name = 'BencodeError';
  readonly fault: BencodeFault;
  /** Where in the input, in bytes. */
  readonly offset: number;

  constructor(fault: BencodeFault, offset: number) {
    super(`${fault} at byte ${offset}`);
    this.fault = fault;
    this.offset = offset;
  }
}

/**
 * Checks the whole input and notes where each token lies, without recursion and without an object a token:
 * ten megabytes of empty strings would otherwise cost a gigabyte of memory. Throws BencodeError.
 */
export function scanBencode(bytes: Uint8Array, limits: BencodeLimits): TokenTable {
  const table = scanBencodePrefix(bytes, limits);
  const end = table.ends[0] ?? 0;
  if (end !== bytes.length) throw new BencodeError('trailing bytes', end);
  return table;
}

/** The same, where something else may follow the value. */
export function scanBencodePrefix(bytes: Uint8Array, limits: BencodeLimits): TokenTable {
  return new Scan(bytes, limits, 'strict').run();
}

/** The same with the tolerant grammar; `irregularity` is the first thing that the strict one would not have let pass. */
export function scanTolerantly(
  bytes: Uint8Array,
  limits: BencodeLimits,
): { readonly table: TokenTable; readonly irregularity: BencodeError | undefined } {
  const scan = new Scan(bytes, limits, 'tolerant');
  return { table: scan.run(), irregularity: scan.irregularity };
}

/** A list or dictionary whose end has not come yet. */
type Frame = ListFrame | DictionaryFrame;

interface ListFrame {
  readonly kind: 'list';
  readonly token: number;
}

interface DictionaryFrame {
  readonly kind: 'dictionary';
  readonly token: number;
  expects: 'key' | 'value';
  lastKey: Uint8Array | undefined;
  /** While keys ascend, as BEP 3 wants them, none can be there twice. */
  order: 'ascending' | 'free';
}

const INTEGER = 0x69;
const LIST = 0x6c;
const DICTIONARY = 0x64;
const END = 0x65;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** As libtorrent bounds them: 2^64 has twenty digits. */
const MAX_INTEGER_DIGITS = 20;
const MAX_STRING_LENGTH_DIGITS = 16;

class Scan {
  readonly #bytes: Uint8Array;
  readonly #limits: BencodeLimits;
  readonly #grammar: BencodeGrammar;
  readonly #table: TokenTable;
  readonly #open: Frame[] = [];
  #count = 0;
  #position = 0;
  irregularity: BencodeError | undefined;

  constructor(bytes: Uint8Array, limits: BencodeLimits, grammar: BencodeGrammar) {
    if (bytes.length > limits.maxBytes) throw new BencodeError('too long', limits.maxBytes);
    this.#bytes = bytes;
    this.#limits = limits;
    this.#grammar = grammar;
    this.#table = new TokenTable(bytes, limits.maxTokens);
  }

  run(): TokenTable {
    do {
      const frame = this.#open.at(-1);
      if (frame !== undefined && this.#peek() === END) this.#close(frame);
      else if (frame?.kind === 'dictionary' && frame.expects === 'key') this.#key(frame);
      else this.#value(frame);
    } while (this.#open.length > 0);
    return this.#table;
  }

  #key(frame: DictionaryFrame): void {
    const start = this.#position;
    if (!isDigit(this.#peek())) this.#fail('key is not a string');
    const content = this.#string();
    const key = this.#bytes.subarray(content, this.#position);
    const step = frame.lastKey === undefined ? -1 : Buffer.compare(frame.lastKey, key);
    if (step === 0) this.#refuseUnlessTolerant('duplicate key', start);
    if (step > 0) {
      frame.order = 'free';
      if (this.#grammar === 'tolerant') this.irregularity ??= new BencodeError('unsorted keys', start);
    }
    frame.lastKey = key;
    frame.expects = 'value';
  }

  #value(frame: Frame | undefined): void {
    if (frame?.kind === 'dictionary') frame.expects = 'key';
    const byte = this.#peek();
    if (byte === LIST) this.#enter({ kind: 'list', token: this.#count });
    else if (byte === DICTIONARY) this.#enterDictionary();
    else if (byte === INTEGER) this.#integer();
    else if (isDigit(byte)) this.#string();
    else this.#fail('not bencode');
  }

  #enterDictionary(): void {
    this.#enter({
      kind: 'dictionary',
      token: this.#count,
      expects: 'key',
      lastKey: undefined,
      order: 'ascending',
    });
  }

  #enter(frame: Frame): void {
    if (this.#open.length === this.#limits.maxDepth) this.#fail('too deep');
    this.#open.push(frame);
    this.#token(this.#position, this.#position + 1);
  }

  #close(frame: Frame): void {
    if (frame.kind === 'dictionary' && frame.expects === 'value') this.#fail('key without value');
    this.#open.pop();
    this.#position++;
    this.#table.ends[frame.token] = this.#position;
    this.#table.nexts[frame.token] = this.#count;
    if (this.#grammar === 'strict' && frame.kind === 'dictionary' && frame.order === 'free')
      this.#refuseDuplicateKeys(frame.token);
  }

  #refuseDuplicateKeys(dictionary: number): void {
    const seen = new Set<string>();
    let isKey = true;
    for (const token of this.#table.children(dictionary)) {
      if (isKey) {
        // Two equal keys have equal bytes with their length in front, too.
        const key = Buffer.from(this.#table.raw(token)).toString('latin1');
        if (seen.has(key)) this.#fail('duplicate key', this.#table.starts[token]);
        seen.add(key);
      }
      isKey = !isKey;
    }
  }

  #integer(): void {
    const start = this.#position++;
    const negative = this.#peek() === MINUS;
    if (negative) this.#position++;
    const magnitude = this.#digits('bad integer', start, MAX_INTEGER_DIGITS);
    if (this.#peek() !== END) this.#fail('bad integer', start);
    if (this.#grammar === 'strict' && (magnitude > Number.MAX_SAFE_INTEGER || (negative && magnitude === 0)))
      this.#fail('bad integer', start);
    this.#token(start, this.#position + 1);
  }

  /** Returns where the content begins; it ends at the new position. */
  #string(): number {
    const start = this.#position;
    const length = this.#digits('bad string length', start, MAX_STRING_LENGTH_DIGITS);
    if (this.#peek() !== COLON) this.#fail('bad string length', start);
    const content = this.#position + 1;
    if (length > this.#bytes.length - content) this.#fail('truncated', start);
    this.#token(start, content + length);
    return content;
  }

  /** A decimal number, without leading zeros; stops before the first other byte. Exact up to 2^53 - 1. */
  #digits(fault: BencodeFault, start: number, maxDigits: number): number {
    const first = this.#position;
    let value = 0;
    for (let byte = this.#peek(); isDigit(byte); byte = this.#peek()) {
      value = value * 10 + (byte - ZERO);
      this.#position++;
      if (this.#position - first > maxDigits) this.#fail(fault, start);
    }
    const length = this.#position - first;
    if (length === 0) this.#fail(fault, start);
    if (length > 1 && this.#bytes[first] === ZERO) this.#refuseUnlessTolerant(fault, start);
    return value;
  }

  #token(start: number, end: number): void {
    if (this.#count === this.#limits.maxTokens) this.#fail('too many values', start);
    this.#table.starts[this.#count] = start;
    this.#table.ends[this.#count] = end;
    this.#table.nexts[this.#count] = ++this.#count;
    this.#position = end;
  }

  #peek(): number {
    return this.#bytes[this.#position] ?? this.#fail('truncated');
  }

  #refuseUnlessTolerant(fault: BencodeFault, offset: number): void {
    if (this.#grammar === 'strict') this.#fail(fault, offset);
    this.irregularity ??= new BencodeError(fault, offset);
  }

  #fail(fault: BencodeFault, offset = this.#position): never {
    throw new BencodeError(fault, offset);
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

const HEADER_BYTES = 12;
/** Type and class behind the name of a question; lifetime and data length, too, behind that of a record. */
const QUESTION_TAIL_BYTES = 4;
const RECORD_TAIL_BYTES = 10;

/**
 * A copy that may be given to the package, of a message whose questions and records are all there, whole (RFC 1035
 * section 4.1), and whose names are read in reasonable time; undefined of any other.
 *
 * The package makes arrays as long as the header counts, takes a record for whole that was cut, follows pointers to
 * pointers for as long as there are any, and goes by the content of a record where its length says something else. So
 * the types that we read must be as long as they say, and all others become one that it skips.
 */
export function readableDnsMessage(bytes: Uint8Array): Buffer | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const copy = Buffer.from(bytes);
  const questions = uint16(copy, 4);
  const records = uint16(copy, 6) + uint16(copy, 8) + uint16(copy, 10);
  const names: number[] = [];
  let strings = 0;
  let at = HEADER_BYTES;
  for (let question = 0; question < questions && at <= copy.length; question++) {
    names.push(at);
    at = endOfName(copy, at) + QUESTION_TAIL_BYTES;
  }
  for (let record = 0; record < records && at <= copy.length; record++) {
    names.push(at);
    const data = endOfName(copy, at) + RECORD_TAIL_BYTES;
    at = data + uint16(copy, data - 2);
    const shape = SHAPES.get(uint16(copy, data - RECORD_TAIL_BYTES));
    if (shape === undefined) hideType(copy, data);
    else if (endOfData(copy, data, shape) !== at) return undefined;
    if (shape?.kind === 'name') names.push(data + shape.after);
    if (shape?.kind === 'strings') strings += countStrings(copy, data, at);
  }
  return at <= copy.length && areSoonRead(copy, names, strings) ? copy : undefined;
}

type Shape =
  | { readonly kind: 'fixed'; readonly bytes: number }
  /** A name after so many bytes, to the end. */
  | { readonly kind: 'name'; readonly after: number }
  | { readonly kind: 'strings' };

/** The data of the types that we read. */
const SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [1, { kind: 'fixed', bytes: 4 }], // A
  [12, { kind: 'name', after: 0 }], // PTR
  [16, { kind: 'strings' }], // TXT
  [28, { kind: 'fixed', bytes: 16 }], // AAAA
  [33, { kind: 'name', after: 6 }], // SRV
]);

function endOfData(bytes: Uint8Array, data: number, shape: Shape): number {
  switch (shape.kind) {
    case 'fixed':
      return data + shape.bytes;
    case 'name':
      return endOfName(bytes, data + shape.after);
    case 'strings':
      return data + uint16(bytes, data - 2);
  }
}

/** For private use (RFC 6895 section 3.1): skipped by its length. */
const PRIVATE_TYPE = 0xff00;

function hideType(bytes: Buffer, data: number): void {
  if (data <= bytes.length) bytes.writeUInt16BE(PRIVATE_TYPE, data - RECORD_TAIL_BYTES);
}

function countStrings(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < Math.min(end, bytes.length); at += 1 + (bytes[at] ?? 0)) count++;
  return count;
}

/**
 * Labels and pointers of all names together, for each byte of a message. Honest ones stay below 1: a pointer of two
 * bytes stands for some labels, but each record has ten more bytes.
 */
const MAX_STEPS_PER_BYTE = 2;
/** What it takes to read a string of a TXT record, against a label. */
const STEPS_PER_STRING = 6;

/**
 * Hundreds of records that point to one long name, or chain of pointers, or thousands of empty strings, would keep us
 * busy for 3 to 10 ms a message.
 */
function areSoonRead(bytes: Uint8Array, names: readonly number[], strings: number): boolean {
  let left = MAX_STEPS_PER_BYTE * bytes.length - STEPS_PER_STRING * strings;
  for (const at of names) {
    if (left < 0) return false;
    left -= stepsOfName(bytes, at, left);
  }
  return left >= 0;
}

/** The two high bits of a pointer's first byte are set (RFC 1035 section 4.1.4). */
const POINTER = 0xc0;

/** Labels and pointers up to the end of the name, or one more than `most`. */
function stepsOfName(bytes: Uint8Array, start: number, most: number): number {
  let at = start;
  let steps = 0;
  for (let length = bytes[at] ?? 0; length !== 0 && steps <= most; length = bytes[at] ?? 0) {
    at = length >= POINTER ? ((length & 0x3f) << 8) | (bytes[at + 1] ?? 0) : at + 1 + length;
    steps++;
  }
  return steps;
}

/** A compression pointer ends a name; where it points to is the decoder's business. */
function endOfName(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let length = bytes[at] ?? 0; length !== 0; length = bytes[at] ?? 0) {
    if (length >= POINTER) return at + 2;
    at += 1 + length;
  }
  return at + 1;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

const HEADER_BYTES = 12;
/** Type and class behind the name of a question; lifetime and data length, too, behind that of a record. */
const QUESTION_TAIL_BYTES = 4;
const RECORD_TAIL_BYTES = 10;

/**
 * Whether all the questions and records that the header counts are there, whole (RFC 1035 section 4.1). To be
 * asked before the package decodes: it makes arrays as long as the counts say, and takes a record for whole
 * that was cut.
 */
export function isWholeDnsMessage(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const questions = uint16(bytes, 4);
  const records = uint16(bytes, 6) + uint16(bytes, 8) + uint16(bytes, 10);
  let at = HEADER_BYTES;
  for (let question = 0; question < questions && at <= bytes.length; question++)
    at = endOfName(bytes, at) + QUESTION_TAIL_BYTES;
  for (let record = 0; record < records && at <= bytes.length; record++) {
    at = endOfName(bytes, at) + RECORD_TAIL_BYTES;
    at += uint16(bytes, at - 2);
  }
  return at <= bytes.length;
}

/** A compression pointer ends a name; where it points to is the decoder's business. */
function endOfName(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let length = bytes[at] ?? 0; length !== 0; length = bytes[at] ?? 0) {
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
  }
  return at + 1;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

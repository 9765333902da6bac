import type { DnsQuestion, DnsRecord } from './dns-record.ts';
import { isInstanceOf, SERVICE_TYPE, TRACKER_SERVICE_TYPE } from './service-types.ts';

/**
 * A query (RFC 6762 section 5) with what is known of its answers, which are pointers. The package cannot write it:
 * it takes every dot for the end of a label, and instance names have dots of their own (RFC 6763 section 4.1.1).
 * Undefined where a name cannot be written at all.
 */
export function encodeQuery(
  questions: readonly DnsQuestion[],
  known: readonly DnsRecord[],
): Uint8Array | undefined {
  const asked = questions.map(encodeQuestion);
  const told = known.flatMap((record) => encodePointer(record) ?? []);
  if (asked.length === 0 || asked.includes(undefined)) return undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(asked.length, QUESTION_COUNT_AT);
  header.writeUInt16BE(told.length, ANSWER_COUNT_AT);
  return Buffer.concat([header, ...asked.filter((bytes) => bytes !== undefined), ...told]);
}

/** RFC 1035 section 4.1.1. */
const HEADER_BYTES = 12;
const QUESTION_COUNT_AT = 4;
const ANSWER_COUNT_AT = 6;
const MAX_LABEL_BYTES = 63;
const TYPES: Readonly<Record<string, number>> = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 };
const CLASS_IN = 1;

function encodeQuestion({ name, type }: DnsQuestion): Buffer | undefined {
  const number = TYPES[type];
  const encodedName = encodeName(name);
  if (number === undefined || encodedName === undefined) return undefined;
  return Buffer.concat([encodedName, uint16(number), uint16(CLASS_IN)]);
}

/** What cannot be written is answered once more. */
function encodePointer(record: DnsRecord): Buffer | undefined {
  if (record.type !== 'PTR') return undefined;
  const name = encodeName(record.name);
  const data = encodeName(record.data);
  if (name === undefined || data === undefined) return undefined;
  const ttl = Buffer.alloc(4);
  ttl.writeUInt32BE(record.ttl);
  return Buffer.concat([name, uint16(12), uint16(CLASS_IN), ttl, uint16(data.length), data]);
}

function encodeName(name: string): Buffer | undefined {
  const labels = labelsOf(name).map((label) => Buffer.from(label));
  if (labels.some(({ length }) => length === 0 || length > MAX_LABEL_BYTES)) return undefined;
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
  ]);
}

/** Of an instance name the first label is all that stands before the service. */
function labelsOf(name: string): readonly string[] {
  const serviceType = [SERVICE_TYPE, TRACKER_SERVICE_TYPE].find((type) => isInstanceOf(type, name));
  if (serviceType === undefined) return name.split('.');
  return [name.slice(0, -serviceType.length - 1), ...serviceType.split('.')];
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

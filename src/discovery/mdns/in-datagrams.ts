import { MAX_DATAGRAM_BYTES } from '../../limits.ts';
import { type DnsRecord, recordBytes, splitRecords } from './dns-record.ts';

/** RFC 1035 section 4.1.1. */
export const HEADER_BYTES = 12;

/** Answers over as many datagrams as it takes; additional records where there is room left. */
export function inDatagrams(
  answers: readonly DnsRecord[],
  additionals: readonly DnsRecord[],
  questionsBytes: number,
): { readonly answers: readonly DnsRecord[]; readonly additionals: readonly DnsRecord[] }[] {
  const room = MAX_DATAGRAM_BYTES - HEADER_BYTES - questionsBytes;
  const parts = splitRecords(answers, room).map((part) => ({
    answers: part,
    additionals: [] as DnsRecord[],
    left: room - part.reduce((sum, record) => sum + recordBytes(record), 0),
  }));
  for (const record of additionals) {
    const size = recordBytes(record);
    const part = parts.find(({ left }) => left >= size);
    if (part === undefined) continue;
    part.additionals.push(record);
    part.left -= size;
  }
  return parts;
}

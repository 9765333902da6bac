/** A resource record as mDNS uses it (RFC 6762 section 10.2 for `flush`), of the types that service discovery needs. */
export type DnsRecord = {
  readonly name: string;
  /** Seconds; 0 takes the record back. */
  readonly ttl: number;
  /** The cache-flush bit: the sender is the only one who has records of this name and type. */
  readonly flush: boolean;
} & RecordData;

export type RecordData =
  | { readonly type: 'PTR'; readonly data: string }
  | { readonly type: 'SRV'; readonly data: { readonly port: number; readonly target: string } }
  | { readonly type: 'TXT'; readonly data: readonly Buffer[] }
  | { readonly type: 'A' | 'AAAA'; readonly data: string }
  | { readonly type: 'NSEC'; readonly data: NsecData };

export interface NsecData {
  readonly nextDomain: string;
  readonly rrtypes: string[];
}

export interface DnsQuestion {
  readonly name: string;
  /** `PTR`, `ANY`, ... */
  readonly type: string;
  /** The QU bit: an answer by unicast is welcome (RFC 6762 section 5.4). */
  readonly unicast: boolean;
}

/** A message, with what mDNS ignores left out. */
export interface DnsMessage {
  readonly kind: 'query' | 'response';
  readonly id: number;
  /** More known answers follow in the next message (RFC 6762 section 7.2). */
  readonly truncated: boolean;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** Domain names are compared without regard to case (RFC 6762 section 16). */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The same for records that are the same but for their lifetime. */
export function recordKey({ name, ...record }: DnsRecord): string {
  return `${record.type} ${name.toLowerCase()} ${dataKey(record)}`;
}

function dataKey(record: RecordData): string {
  switch (record.type) {
    case 'PTR':
    case 'A':
    case 'AAAA':
      return record.data.toLowerCase();
    case 'SRV':
      return `${record.data.port} ${record.data.target.toLowerCase()}`;
    case 'TXT':
      return record.data.map((text) => text.toString('latin1')).join('\n');
    case 'NSEC':
      return record.data.rrtypes.join(' ');
  }
}

/** Bytes on the wire, uncompressed, as the encoder writes them. */
export function recordBytes(record: DnsRecord): number {
  return nameBytes(record.name) + 10 + dataBytes(record);
}

export function questionBytes({ name }: DnsQuestion): number {
  return nameBytes(name) + 4;
}

function dataBytes(record: RecordData): number {
  switch (record.type) {
    case 'PTR':
      return nameBytes(record.data);
    case 'SRV':
      return 6 + nameBytes(record.data.target);
    case 'TXT':
      return record.data.reduce((sum, { length }) => sum + 1 + length, 0);
    case 'A':
      return 4;
    case 'AAAA':
      return 16;
    case 'NSEC':
      // One window of the type bitmap: its number, its length, up to 32 bytes.
      return nameBytes(record.data.nextDomain) + 34;
  }
}

function nameBytes(name: string): number {
  return Buffer.byteLength(name) + 2;
}

/** Records in datagrams that keep below `maxBytes`; one alone may be longer. */
export function splitRecords(records: readonly DnsRecord[], maxBytes: number): DnsRecord[][] {
  const parts: DnsRecord[][] = [];
  let part: DnsRecord[] = [];
  let left = 0;
  for (const record of records) {
    const size = recordBytes(record);
    if (size > left) {
      part = [];
      parts.push(part);
      left = maxBytes;
    }
    part.push(record);
    left -= size;
  }
  return parts;
}

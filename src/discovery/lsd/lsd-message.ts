import {
  LSD_PORT,
  MAX_LSD_DATAGRAM_BYTES,
  MAX_LSD_DATAGRAM_RECEIVED_BYTES,
  MAX_LSD_SINGLE_CONTENTS,
} from '../../limits.ts';
import { type InfoHash, isInfoHash } from '../../metainfo/metainfo.ts';

/** What one datagram of BEP 14 says: the peer at its source address and this port takes part in these contents. */
export interface LsdAnnouncement {
  readonly port: number;
  readonly infoHashes: readonly InfoHash[];
  /** Random a process; who sees its own ignores the datagram. At most MAX_COOKIE_CHARACTERS of ASCII. */
  readonly cookie: string | undefined;
}

/** Clients use 8 to 16; longer ones are not remembered. */
export const MAX_COOKIE_CHARACTERS = 32;

/**
 * The announcement in as many datagrams as it takes, each of at most MAX_LSD_DATAGRAM_BYTES. Few contents go out one
 * by one: older clients read only one of several.
 */
export function encodeLsd(announcement: LsdAnnouncement, group: string): readonly Uint8Array[] {
  const { infoHashes } = announcement;
  const size = infoHashes.length <= MAX_LSD_SINGLE_CONTENTS ? 1 : MAX_INFO_HASHES_PER_DATAGRAM;
  const datagrams: Uint8Array[] = [];
  for (let at = 0; at < infoHashes.length; at += size)
    datagrams.push(encodeOne({ ...announcement, infoHashes: infoHashes.slice(at, at + size) }, group));
  return datagrams;
}

/** `Infohash: `, 40 digits, CR LF. */
const INFO_HASH_LINE_BYTES = 52;
/** All other lines, with the longest group, port and cookie. */
const OTHER_LINES_BYTES = 120;
export const MAX_INFO_HASHES_PER_DATAGRAM = Math.floor(
  (MAX_LSD_DATAGRAM_BYTES - OTHER_LINES_BYTES) / INFO_HASH_LINE_BYTES,
);

function encodeOne({ port, infoHashes, cookie }: LsdAnnouncement, group: string): Uint8Array {
  // A scope means nothing to others.
  const [address = ''] = group.split('%');
  const host = address.includes(':') ? `[${address}]` : address;
  const lines = [
    'BT-SEARCH * HTTP/1.1',
    `Host: ${host}:${LSD_PORT}`,
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${infoHash}`),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n\r\n`, 'latin1');
}

export type LsdFault = 'too long' | 'not an announcement' | 'cut' | 'no port' | 'no content';

/**
 * Reads as widely as clients write: CR LF or LF, headers in any case and order, unknown ones ignored, as are
 * info-hashes that are none. What does not end with an empty line was cut.
 */
export function decodeLsd(bytes: Uint8Array): LsdAnnouncement | { readonly fault: LsdFault } {
  if (bytes.length > MAX_LSD_DATAGRAM_RECEIVED_BYTES) return { fault: 'too long' };
  const [request = '', ...lines] = Buffer.from(bytes).toString('latin1').split(/\r?\n/);
  if (!/^BT-SEARCH \* HTTP\/1\.\d\s*$/i.test(request)) return { fault: 'not an announcement' };
  // Behind the last line end stands nothing; that alone is no empty line.
  const end = lines.slice(0, -1).findIndex((line) => line.trim() === '');
  if (end < 0) return { fault: 'cut' };
  const headers = lines.slice(0, end).flatMap((line) => readHeader(line) ?? []);
  const valuesOf = (name: string): string[] =>
    headers.filter((header) => header.name === name).map(({ value }) => value);

  const port = readPort(valuesOf('port'));
  if (port === undefined) return { fault: 'no port' };
  const infoHashes = readInfoHashes(valuesOf('infohash'));
  if (infoHashes.length === 0) return { fault: 'no content' };
  return { port, infoHashes, cookie: readCookie(valuesOf('cookie')) };
}

function readHeader(line: string): { readonly name: string; readonly value: string } | undefined {
  const colon = line.indexOf(':');
  if (colon < 0) return undefined;
  return { name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() };
}

/** Said twice, it must be the same. */
function readPort(values: readonly string[]): number | undefined {
  const [text = ''] = values;
  if (!/^\d{1,5}$/.test(text) || values.some((other) => other !== text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function readCookie([cookie]: readonly string[]): string | undefined {
  return cookie !== undefined && cookie.length <= MAX_COOKIE_CHARACTERS ? cookie : undefined;
}

function readInfoHashes(values: readonly string[]): readonly InfoHash[] {
  const hashes = values.map((value) => value.toLowerCase()).filter(isInfoHash);
  return [...new Set(hashes)].filter((infoHash) => !/^0+$/.test(infoHash));
}

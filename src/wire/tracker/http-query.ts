import { MAX_SCRAPED_CONTENTS } from '../../limits.ts';
import { type InfoHash, infoHashFromBytes, infoHashToBytes } from '../../metainfo/metainfo.ts';
import type { AnnounceEvent, AnnounceRequest } from './announce.ts';
import { percentDecode, percentEncode } from './percent-bytes.ts';
import { TrackerFault } from './tracker-fault.ts';

/** An announcement as an HTTP tracker gets it (BEP 3, 7, 23). */
export interface HttpAnnounceRequest extends AnnounceRequest {
  /** What the tracker had given as its `tracker id`; bytes in latin1. */
  readonly trackerId: string | undefined;
  /** Peers may come as one string (BEP 23). */
  readonly compact: boolean;
}

/** The tracker's URL with the announcement behind it. A query that is there, a passkey say, stays as it is. */
export function announceUrl(tracker: string, request: HttpAnnounceRequest): string {
  return withQuery(tracker, encodeAnnounceQuery(request));
}

/** `scrape` is what `scrapeAddress` gave. Throws RangeError for more than MAX_SCRAPED_CONTENTS. */
export function scrapeUrl(scrape: string, infoHashes: readonly InfoHash[]): string {
  if (infoHashes.length > MAX_SCRAPED_CONTENTS) throw new RangeError('too many contents for one scrape');
  return withQuery(scrape, infoHashes.map((hash) => `info_hash=${encodeInfoHash(hash)}`).join('&'));
}

function withQuery(address: string, query: string): string {
  const [url = ''] = address.split('#');
  const separator = !url.includes('?') ? '?' : /[?&]$/.test(url) ? '' : '&';
  return `${url}${separator}${query}`;
}

/** Starts with `info_hash`, where some trackers look for it. */
export function encodeAnnounceQuery(request: HttpAnnounceRequest): string {
  const { event, peersWanted, trackerId } = request;
  const fields = [
    `info_hash=${encodeInfoHash(request.infoHash)}`,
    `peer_id=${percentEncode(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left}`,
    `compact=${request.compact ? 1 : 0}`,
    `key=${request.key.toString(16).padStart(8, '0')}`,
    ...(event === 'regular' ? [] : [`event=${event}`]),
    ...(peersWanted === undefined ? [] : [`numwant=${peersWanted}`]),
    ...(trackerId === undefined ? [] : [`trackerid=${percentEncode(Buffer.from(trackerId, 'latin1'))}`]),
  ];
  return fields.join('&');
}

function encodeInfoHash(infoHash: InfoHash): string {
  return percentEncode(infoHashToBytes(infoHash));
}

const EVENTS: ReadonlySet<string> = new Set(['started', 'completed', 'stopped'] satisfies AnnounceEvent[]);

/**
 * What stands behind the `?`. Unknown fields are ignored, and `ip`, which anybody could be named in. Throws
 * TrackerFault with a sentence that a client can be told.
 */
export function decodeAnnounceQuery(query: string): HttpAnnounceRequest {
  const fields = readFields(query);
  const event = fields.get('event') ?? '';
  return {
    infoHash: infoHashFromBytes(twentyBytes(fields, 'info_hash')),
    peerId: twentyBytes(fields, 'peer_id'),
    port: whole(fields, 'port', 65_535) ?? missing('port'),
    uploaded: whole(fields, 'uploaded') ?? 0,
    downloaded: whole(fields, 'downloaded') ?? 0,
    left: whole(fields, 'left') ?? 0,
    event: EVENTS.has(event) ? (event as AnnounceEvent) : 'regular',
    // Some clients write -1 for the tracker's own choice.
    peersWanted: fields.get('numwant')?.startsWith('-') ? undefined : whole(fields, 'numwant'),
    key: readKey(fields.get('key')),
    trackerId: latin1(fields.get('trackerid')),
    compact: fields.get('compact') !== '0',
  };
}

/** The contents asked for; empty where the query asks for all. Throws TrackerFault. */
export function decodeScrapeQuery(query: string): readonly InfoHash[] {
  const hashes = pairs(query).filter(([name]) => name === 'info_hash');
  if (hashes.length > MAX_SCRAPED_CONTENTS)
    throw new TrackerFault(`more than ${MAX_SCRAPED_CONTENTS} contents in one scrape`);
  return hashes.map(([name, value]) => infoHashFromBytes(twentyBytes(new Map([[name, value]]), name)));
}

function pairs(query: string): readonly (readonly [string, string])[] {
  return query.split('&').map((field) => {
    const equals = field.indexOf('=');
    return equals < 0 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)];
  });
}

/** Said twice, the first counts. */
function readFields(query: string): ReadonlyMap<string, string> {
  return new Map([...pairs(query)].reverse());
}

function twentyBytes(fields: ReadonlyMap<string, string>, name: string): Uint8Array {
  const bytes = percentDecode(fields.get(name) ?? missing(name));
  if (bytes?.length !== 20) throw new TrackerFault(`${name} is not 20 bytes`);
  return bytes;
}

function whole(
  fields: ReadonlyMap<string, string>,
  name: string,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const text = fields.get(name);
  if (text === undefined || text === '') return undefined;
  const value = /^\d{1,20}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new TrackerFault(`${name} is no number from 0 to ${most}`);
  return value;
}

/** Free text at most clients, eight hexadecimal digits at many; anything else counts as none. */
function readKey(text: string | undefined): number {
  return text !== undefined && /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : 0;
}

function latin1(text: string | undefined): string | undefined {
  const bytes = text === undefined ? undefined : percentDecode(text);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
}

function missing(name: string): never {
  throw new TrackerFault(`${name} is missing`);
}

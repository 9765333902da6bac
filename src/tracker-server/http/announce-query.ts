import { DEFAULT_PEERS_PER_ANSWER } from '../../limits.ts';
import type { AnnounceEvent } from '../../wire/tracker/announce.ts';
import { type Announcement, emptyAnnouncement } from '../registry/announcement.ts';

/** An announcement and how its answer shall look. */
export interface HttpAnnouncement extends Announcement {
  /** Peers may come as one string (BEP 23), the usual way; `compact=0` says that they may not. */
  isCompact: boolean;
  /** Peers that come as dictionaries need no ids. */
  withoutPeerIds: boolean;
}

export function emptyHttpAnnouncement(): HttpAnnouncement {
  return { ...emptyAnnouncement(), isCompact: true, withoutPeerIds: false };
}

const FIELDS = [
  'info_hash',
  'peer_id',
  'port',
  'left',
  'uploaded',
  'downloaded',
  'numwant',
  'event',
  'compact',
  'no_peer_id',
] as const;
const FIELD_AT: ReadonlyMap<string, number> = new Map(FIELDS.map((name, at) => [name, at]));
const EVENTS: ReadonlySet<string> = new Set(['started', 'completed', 'stopped'] satisfies AnnounceEvent[]);

/**
 * Reads what stands behind the `?` into the announcement; its address and family are the caller's. Gives a sentence
 * where that cannot be done. What `decodeAnnounceQuery` says in objects; a test holds the two together. A client that
 * does not say what is `left`, or says so in a way that means "not known yet", has not all of it.
 */
export function readAnnounceQuery(query: string, into: HttpAnnouncement): string | undefined {
  const [infoHash, peerId, port, left, uploaded, downloaded, wanted, event = '', compact, noPeerId] =
    knownFields(query);
  const sentence =
    twentyBytes('info_hash', infoHash, into.infoHash) ??
    twentyBytes('peer_id', peerId, into.peerId) ??
    portFault(port) ??
    amountFault('left', left) ??
    amountFault('uploaded', uploaded) ??
    amountFault('downloaded', downloaded) ??
    wantedFault(wanted);
  if (sentence !== undefined) return sentence;
  into.port = Number(port);
  into.event = EVENTS.has(event) ? (event as AnnounceEvent) : 'regular';
  into.isSeeder = event === 'completed' || (isGiven(left) && Number(left) === 0);
  into.wanted = isGiven(wanted) && !wanted.startsWith('-') ? Number(wanted) : DEFAULT_PEERS_PER_ANSWER;
  into.isCompact = compact !== '0';
  into.withoutPeerIds = noPeerId === '1';
  return undefined;
}

/** In the order of FIELDS. Unknown fields are ignored, and `ip`, which anybody could be named in. */
function knownFields(query: string): readonly (string | undefined)[] {
  const values = new Array<string | undefined>(FIELDS.length).fill(undefined);
  for (let begin = 0; begin < query.length; ) {
    const ampersand = query.indexOf('&', begin);
    const end = ampersand < 0 ? query.length : ampersand;
    const found = query.indexOf('=', begin);
    const equals = found < 0 || found > end ? end : found;
    const field = FIELD_AT.get(query.slice(begin, equals));
    // Said twice, the first counts.
    if (field !== undefined) values[field] ??= query.slice(equals + 1, end);
    begin = end + 1;
  }
  return values;
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function portFault(text: string | undefined): string | undefined {
  if (!isGiven(text)) return 'port is missing';
  return /^[0-9]{1,20}$/.test(text) && Number(text) <= 65_535
    ? undefined
    : 'port is no number from 0 to 65535';
}

/** 64 bits have 20 digits; to some clients all of them set means "not known". */
function amountFault(name: string, text: string | undefined): string | undefined {
  return !isGiven(text) || /^[0-9]{1,20}$/.test(text) ? undefined : `${name} is no number of bytes`;
}

/** Some clients write -1 for the tracker's own choice. */
function wantedFault(text: string | undefined): string | undefined {
  return !isGiven(text) || /^-?[0-9]{1,20}$/.test(text) ? undefined : 'numwant is no number';
}

/** Decodes 20 bytes into five words in network order. */
function twentyBytes(name: string, text: string | undefined, words: Uint32Array): string | undefined {
  if (text === undefined) return `${name} is missing`;
  let word = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++, count++) {
    let byte = text.charCodeAt(at);
    if (byte === PERCENT) {
      byte = (hexDigit(text.charCodeAt(at + 1)) << 4) | hexDigit(text.charCodeAt(at + 2));
      at += 2;
    }
    if (byte < 0 || byte > 0xff || count === 20) return `${name} is not 20 bytes`;
    word = (word << 8) | byte;
    if ((count & 3) === 3) words[count >> 2] = word;
  }
  return count === 20 ? undefined : `${name} is not 20 bytes`;
}

const PERCENT = 0x25;

/** Negative where it is none. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

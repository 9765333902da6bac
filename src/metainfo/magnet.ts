import { LanshareError } from '../errors.ts';
import {
  MAX_MAGNET_CHARACTERS,
  MAX_MAGNET_PEERS,
  MAX_MAGNET_TRACKERS,
  MAX_MAGNET_WEB_SEEDS,
  MAX_NAME_BYTES,
} from '../limits.ts';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../platform/endpoint.ts';
import { base32Bytes } from './base32.ts';
import { type FileRange, formatFileRanges, parseFileRanges } from './file-ranges.ts';
import { type InfoHash, infoHashFromBytes, isInfoHash } from './metainfo.ts';

/** A content as a magnet link names it (BEP 9, 52 and 53), and where to ask for it. Nothing of it is proven. */
export interface Magnet {
  /** Its name on the wire: the v1 info-hash; of a content that is named by v2 alone the first half of that hash. */
  readonly infoHash: InfoHash;
  /** 64 lower-case hexadecimal digits: the SHA-256 of the info dictionary (BEP 52). */
  readonly infoHashV2: string | undefined;
  /** `dn`: what to call it until the metainfo is here. */
  readonly name: string | undefined;
  /** `xl`: bytes. */
  readonly length: number | undefined;
  /** `tr`: HTTP, HTTPS and UDP trackers, each once. */
  readonly trackers: readonly string[];
  /** `ws`: HTTP and HTTPS addresses of the content (BEP 19), each once. */
  readonly webSeeds: readonly string[];
  /** `x.pe`: peers to ask. */
  readonly peers: readonly Endpoint[];
  /** `so` (BEP 53): positions in the torrent's list of files, from 0; undefined for all files. */
  readonly select: readonly FileRange[] | undefined;
}

export function isMagnet(text: string): boolean {
  return /^magnet:/i.test(text);
}

/**
 * Reads a magnet link. What it says beside the hash may be of a kind that is not known here (a WebRTC tracker, another
 * network's hash) and is left out then; what would change which bytes are fetched must be right.
 * Throws NOT_A_TORRENT with one sentence that names the fault.
 */
export function parseMagnet(text: string): Magnet {
  if (text.length > MAX_MAGNET_CHARACTERS)
    throw notAMagnet(`it is longer than ${MAX_MAGNET_CHARACTERS} characters`);
  const query = /^magnet:\?(.*)$/is.exec(text)?.[1];
  if (query === undefined) throw notAMagnet('it does not start with "magnet:?"');
  const values = readParameters(query);
  return {
    ...readTopics(values('xt')),
    name: values('dn').map(readName).find(isGiven),
    length: values('xl').map(readLength).find(isGiven),
    trackers: bounded('trackers', values('tr').filter(isTracker), MAX_MAGNET_TRACKERS),
    webSeeds: bounded('web seeds', values('ws').filter(isWebSeed), MAX_MAGNET_WEB_SEEDS),
    peers: bounded('peers', values('x.pe'), MAX_MAGNET_PEERS)
      .map((address) => parseEndpoint(address, NO_PORT))
      .filter(isGiven),
    select: readSelection(values('so')),
  };
}

/** The link that `parseMagnet` reads as this magnet. */
export function formatMagnet(magnet: Magnet): string {
  const { infoHash, infoHashV2, name, length, trackers, webSeeds, peers, select } = magnet;
  const ofV2Alone = infoHashV2?.startsWith(infoHash) === true;
  const parameters: readonly (readonly [string, string | undefined])[] = [
    ['xt', ofV2Alone ? undefined : BTIH + infoHash],
    ['xt', infoHashV2 === undefined ? undefined : BTMH + SHA256_PREFIX + infoHashV2],
    ['dn', escaped(name)],
    ['xl', length?.toString()],
    ...trackers.map((url) => ['tr', escaped(url)] as const),
    ...webSeeds.map((url) => ['ws', escaped(url)] as const),
    ...peers.map((peer) => ['x.pe', escaped(formatEndpoint(peer))] as const),
    ['so', select === undefined ? undefined : formatFileRanges(select)],
  ];
  const given = parameters.filter(([, value]) => value !== undefined);
  return `magnet:?${given.map(([key, value]) => `${key}=${value}`).join('&')}`;
}

const BTIH = 'urn:btih:';
const BTMH = 'urn:btmh:';
/** Multihash: SHA-256, 32 bytes. */
const SHA256_PREFIX = '1220';
/** BEP 9 has an address with its port; without one it is none. */
const NO_PORT = 0;

/** All values of a key, in order, percent-decoded; `tr.1` counts as `tr`. */
function readParameters(query: string): (key: string) => readonly string[] {
  const pairs = query.split('&').map((parameter) => {
    const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(parameter) ?? [];
    return { key: key.toLowerCase().replace(/\.\d+$/, ''), value };
  });
  return (wanted) =>
    pairs
      .filter(({ key }) => key === wanted)
      .map(({ value }) => unescaped(wanted === 'dn' ? value.replaceAll('+', ' ') : value))
      .filter(isGiven);
}

function readTopics(topics: readonly string[]): Pick<Magnet, 'infoHash' | 'infoHashV2'> {
  const v1 = theOnly(topics.filter((topic) => hasPrefix(topic, BTIH)).map(readBtih));
  const v2 = theOnly(topics.filter((topic) => hasPrefix(topic, BTMH)).map(readBtmh));
  const infoHash = v1 ?? v2?.slice(0, 40);
  if (infoHash === undefined || !isInfoHash(infoHash))
    throw notAMagnet('it names no BitTorrent content (xt=urn:btih:...)');
  return { infoHash, infoHashV2: v2 };
}

function readBtih(topic: string): InfoHash {
  const digits = topic.slice(BTIH.length);
  const hexadecimal = digits.toLowerCase();
  if (isInfoHash(hexadecimal)) return hexadecimal;
  const bytes = base32Bytes(digits);
  if (bytes?.length === 20) return infoHashFromBytes(bytes);
  throw notAMagnet('its info-hash has neither 40 hexadecimal nor 32 base32 digits');
}

function readBtmh(topic: string): string {
  const digits = topic.slice(BTMH.length).toLowerCase();
  if (/^1220[0-9a-f]{64}$/.test(digits)) return digits.slice(SHA256_PREFIX.length);
  throw notAMagnet('its v2 info-hash is not 1220 and 64 hexadecimal digits');
}

/** A link that names two contents would be fetched as one of them, and nobody knows which. */
function theOnly<T>(values: readonly T[]): T | undefined {
  const [only, another] = new Set(values);
  if (another !== undefined) throw notAMagnet('it names several contents');
  return only;
}

function readName(name: string): string | undefined {
  const isName = name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES && !/\p{Cs}/u.test(name);
  return isName ? name : undefined;
}

function readLength(digits: string): number | undefined {
  const length = /^\d{1,16}$/.test(digits) ? Number(digits) : undefined;
  return Number.isSafeInteger(length) ? length : undefined;
}

function readSelection(values: readonly string[]): readonly FileRange[] | undefined {
  if (values.length === 0) return undefined;
  const ranges = parseFileRanges(values.join(','));
  if (ranges === undefined) throw notAMagnet('its choice of files (so=) is not like 0,2,4-7');
  return ranges;
}

function isTracker(url: string): boolean {
  return /^(?:https?|udp):\/\//i.test(url) && URL.canParse(url);
}

function isWebSeed(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

function bounded(what: string, values: readonly string[], max: number): readonly string[] {
  const different = [...new Set(values)];
  if (different.length > max) throw notAMagnet(`it has more than ${max} ${what}`);
  return different;
}

function hasPrefix(topic: string, prefix: string): boolean {
  return topic.slice(0, prefix.length).toLowerCase() === prefix;
}

/** Undefined where it is no UTF-8. */
function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function escaped(text: string | undefined): string | undefined {
  return text === undefined ? undefined : encodeURIComponent(text);
}

function isGiven<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function notAMagnet(fault: string): LanshareError {
  return new LanshareError(
    'NOT_A_TORRENT',
    `this is not a valid magnet link: ${fault}`,
    'copy the whole link again, and put it in quotation marks',
  );
}

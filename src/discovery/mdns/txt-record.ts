import { type Holding, heldCount, isPeerId, type PeerId, type PieceSummary } from '../../holdings/holding.ts';
import { MAX_NAME_BYTES, MAX_PIECES, MAX_TXT_BYTES, MAX_TXT_STRING_BYTES } from '../../limits.ts';
import { type InfoHash, isInfoHash } from '../../metainfo/metainfo.ts';
import { namePartFault } from '../../metainfo/safe-name.ts';

/**
 * The TXT record of a node (RFC 6763 section 6): `v=1`, `id=` the peer id, `n=` how many contents it has, and
 * for each, as long as there is room, `c0=`, `c1=` ...:
 * info-hash `:` length `:` piece count `:` pieces held, or `*` for all `:` version `:` name.
 * A name that does not fit into a string of 255 bytes is not cut: its content is left out, and found by its
 * sub-type and by the beacon's query.
 */
export function encodeTxt(peerId: PeerId, holdings: readonly Holding[]): Buffer[] {
  const strings = [`v=${VERSION}`, `id=${peerId}`, `n=${holdings.length}`].map((text) => Buffer.from(text));
  let bytes = strings.reduce((sum, { length }) => sum + 1 + length, 0);
  let listed = 0;
  for (const holding of holdings) {
    const string = Buffer.from(`c${listed}=${contentText(holding)}`);
    if (string.length > MAX_TXT_STRING_BYTES || bytes + 1 + string.length > MAX_TXT_BYTES) continue;
    strings.push(string);
    bytes += 1 + string.length;
    listed++;
  }
  return strings;
}

const VERSION = '1';

function contentText(holding: Holding): string {
  const { infoHash, length, pieceCount, pieces, version, name } = holding;
  const held = pieces.kind === 'all' ? '*' : heldCount(holding);
  return `${infoHash}:${length}:${pieceCount}:${held}:${version}:${name}`;
}

/** What a node says of itself by mDNS; its port stands in the SRV record. */
export interface AdvertisedNode {
  readonly peerId: PeerId;
  readonly contents: readonly Omit<Holding, 'peerId' | 'port'>[];
}

/** Undefined where it is no lanshare node of a version we know. A malformed content is left out. */
export function decodeTxt(strings: readonly Buffer[]): AdvertisedNode | undefined {
  const pairs = strings.map(keyAndValue);
  const valueAt = (key: string): string | undefined => pairs.find((pair) => pair.key === key)?.value;
  const peerId = valueAt('id');
  if (valueAt('v') !== VERSION || peerId === undefined || !isPeerId(peerId)) return undefined;
  const contents = pairs.flatMap(({ key, value }) =>
    /^c\d+$/.test(key) ? (decodeContent(value) ?? []) : [],
  );
  return { peerId, contents };
}

function keyAndValue(string: Buffer): { readonly key: string; readonly value: string } {
  const text = string.toString();
  const equals = text.indexOf('=');
  // Keys are read without regard to case (RFC 6763 section 6.4).
  return equals < 0
    ? { key: text.toLowerCase(), value: '' }
    : { key: text.slice(0, equals).toLowerCase(), value: text.slice(equals + 1) };
}

const CONTENT = /^([0-9a-f]{40}):(\d{1,16}):(\d{1,7}):(\*|\d{1,7}):(\d{1,16}):(.+)$/s;

function decodeContent(text: string): AdvertisedNode['contents'][number] | undefined {
  const [, hash = '', lengthText, countText, held = '', versionText, name = ''] = CONTENT.exec(text) ?? [];
  const [length, pieceCount, version] = [lengthText, countText, versionText].map(Number);
  if (!isInfoHash(hash) || !isCount(length) || !isCount(pieceCount) || !isCount(version)) return undefined;
  if (pieceCount > MAX_PIECES || pieceCount > length || (length === 0) !== (pieceCount === 0))
    return undefined;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES || namePartFault(name, 'linux') !== undefined)
    return undefined;
  const pieces = decodePieces(held, pieceCount);
  if (pieces === undefined) return undefined;
  return { infoHash: hash satisfies InfoHash, name, length, pieceCount, pieces, version };
}

/** Which pieces they are does not fit into a TXT record; the beacon and the links tell. */
function decodePieces(held: string, pieceCount: number): PieceSummary | undefined {
  if (held === '*') return { kind: 'all' };
  const count = Number(held);
  return count <= pieceCount ? { kind: 'some', count, ranges: [], more: count > 0 } : undefined;
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value);
}

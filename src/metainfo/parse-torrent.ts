import type { Bencoded } from './bencode.ts';
import { textReader } from './info-fields.ts';
import type { Metainfo, Torrent } from './metainfo.ts';
import { decodeTorrent, readInfo } from './parse-info.ts';
import { readPieceLayers, withPieceLayers } from './piece-layers.ts';
import { notATorrent } from './torrent-fault.ts';

export { parseInfo } from './parse-info.ts';

/** A .torrent, and what was done to make it safe. */
export interface ReadTorrent {
  readonly torrent: Torrent;
  /** Files, and the whole, that bear another name than it gives them: one that leads nowhere else and that nobody has. */
  readonly namesMadeSafe: number;
}

/** As `readTorrent`. */
export function parseTorrent(bytes: Uint8Array): Torrent {
  return readTorrent(bytes).torrent;
}

/**
 * Reads a .torrent of v1 (BEP 3), v2 or both (BEP 52): what libtorrent loads, within the limits of lanshare. Throws
 * NOT_A_TORRENT or UNSAFE_NAME with one sentence that names the fault. But for the piece layers of v2, what stands beside
 * the info dictionary is advice: unusable values there are left out, and so are keys that lanshare does not know
 * (`httpseeds`, `nodes`).
 */
export function readTorrent(bytes: Uint8Array): ReadTorrent {
  const { value: root } = decodeTorrent(bytes);
  if (root.kind !== 'dictionary') throw notATorrent('it is no dictionary');
  const info = root.field('info');
  if (info === undefined) throw notATorrent('the key "info" is missing');
  const encoding = root.field('encoding')?.text;
  const readText = textReader(encoding);
  const { metainfo, namesMadeSafe } = readInfo(info.raw.slice(), encoding);
  if (metainfo.length === 0) throw notATorrent('none of its files has a byte');
  const torrent = {
    metainfo: withLayersOf(root, metainfo),
    trackers: readTrackers(root),
    webSeeds: readWebSeeds(root),
    comment: root.field('comment.utf-8')?.text ?? readText(root.field('comment')),
    createdBy: root.field('created by.utf-8')?.text ?? readText(root.field('created by')),
    creationDate: root.field('creation date')?.integer,
  };
  return { torrent, namesMadeSafe };
}

/** Without any, as where only the info dictionary is known: peers can tell them. */
function withLayersOf(root: Bencoded, metainfo: Metainfo): Metainfo {
  const layers = root.field('piece layers');
  if (metainfo.v2 === undefined || layers?.kind !== 'dictionary') return metainfo;
  return withPieceLayers(metainfo, readPieceLayers(layers));
}

/** Tiers of BEP 12, else the one tracker of BEP 3. */
function readTrackers(root: Bencoded): readonly (readonly string[])[] {
  const tiers = [...(root.field('announce-list')?.items() ?? [])]
    .map((tier) => [...tier.items()].flatMap((url) => url.text?.trim() || []))
    .filter((tier) => tier.length > 0);
  const announce = root.field('announce')?.text?.trim();
  if (tiers.length > 0 || announce === undefined || announce === '') return tiers;
  return [[announce]];
}

/** BEP 19: one address, or a list of them. */
function readWebSeeds(root: Bencoded): readonly string[] {
  const field = root.field('url-list');
  if (field === undefined) return [];
  const values = field.kind === 'list' ? [...field.items()] : [field];
  const urls = values.flatMap(({ text }) => text?.trim() || []);
  return [...new Set(urls.filter(isWebAddress))];
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

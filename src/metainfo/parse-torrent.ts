import type { Bencoded } from './bencode.ts';
import type { Torrent } from './metainfo.ts';
import { decodeTorrent, parseInfo } from './parse-info.ts';
import { notATorrent } from './torrent-fault.ts';

export { parseInfo } from './parse-info.ts';

/**
 * Reads a .torrent (BEP 3; the v1 part of a hybrid). Throws NOT_A_TORRENT or UNSAFE_NAME with one sentence
 * that names the fault. What stands beside the info dictionary is advice: unusable values there are left out.
 */
export function parseTorrent(bytes: Uint8Array): Torrent {
  const root = decodeTorrent(bytes);
  if (root.kind !== 'dictionary') throw notATorrent('it is no dictionary');
  const info = root.field('info');
  if (info === undefined) throw notATorrent('the key "info" is missing');
  return {
    metainfo: parseInfo(info.raw.slice()),
    trackers: readTrackers(root),
    comment: root.field('comment')?.text,
    createdBy: root.field('created by')?.text,
    creationDate: root.field('creation date')?.integer,
  };
}

/** Tiers of BEP 12, else the one tracker of BEP 3. */
function readTrackers(root: Bencoded): readonly (readonly string[])[] {
  const tiers = [...(root.field('announce-list')?.items() ?? [])]
    .map((tier) => [...tier.items()].flatMap((url) => url.text || []))
    .filter((tier) => tier.length > 0);
  const announce = root.field('announce')?.text;
  if (tiers.length > 0 || announce === undefined || announce === '') return tiers;
  return [[announce]];
}

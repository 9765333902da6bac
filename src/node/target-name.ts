import type { FetchTarget } from './api.ts';

/** What a target is called as long as nothing better is known. */
export function targetName(wanted: FetchTarget): string {
  switch (wanted.kind) {
    case 'name':
      return wanted.name;
    case 'infoHash':
      return wanted.infoHash;
    case 'torrent':
      return wanted.torrent.metainfo.name;
    case 'magnet':
      return wanted.magnet.name ?? wanted.magnet.infoHash;
  }
}

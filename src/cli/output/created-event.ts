import { filesLength, type Metainfo, torrentVersion } from '../../metainfo/metainfo.ts';
import type { Created } from './events.ts';

/** `torrent`: the path of the .torrent. */
export function createdEvent(metainfo: Metainfo, torrent: string): Created {
  const { name, infoHash, infoHashV2, pieceCount, pieceLength } = metainfo;
  return {
    event: 'created',
    name,
    infoHash,
    infoHashV2: infoHashV2 ?? null,
    version: torrentVersion(metainfo),
    size: filesLength(metainfo),
    pieces: pieceCount,
    pieceLength,
    torrent,
  };
}

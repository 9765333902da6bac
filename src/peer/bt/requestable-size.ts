import { type Metainfo, type PieceIndex, pieceSize } from '../../metainfo/metainfo.ts';

/**
 * Bytes of a piece that a peer may ask for. In v2 alone libtorrent has the last file, too, padded to the end of its
 * piece, and asks for whole blocks of it: they are filled with zeros, which it does not keep.
 */
export function requestableSize(metainfo: Metainfo, index: PieceIndex): number {
  return metainfo.version === 'v2' ? metainfo.pieceLength : pieceSize(metainfo, index);
}

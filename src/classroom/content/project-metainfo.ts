import { infoHashFromBytes, type Metainfo } from '../../metainfo/metainfo.ts';
import { type Project, pieceCountOf } from '../config/project.ts';

/** Stands where an info-hash is wanted; nobody is told it. Every project has the same: there is nothing to hash. */
const NO_INFO_HASH = infoHashFromBytes(Buffer.from('P2PFILESHARINGPROJ\0\0', 'latin1'));

/** The file of a project as a content. Nobody has told its hashes: whatever arrives counts as right. */
export function projectMetainfo({ common }: Pick<Project, 'common'>): Metainfo {
  const { fileName, fileSize, pieceSize } = common;
  return {
    version: 'unhashed',
    infoHash: NO_INFO_HASH,
    infoHashV2: undefined,
    infoBytes: new Uint8Array(0),
    name: fileName,
    kind: 'file',
    files: [{ path: [], length: fileSize, offset: 0, executable: false, padding: false }],
    length: fileSize,
    pieceLength: pieceSize,
    pieceCount: pieceCountOf(common),
    pieceHashes: new Uint8Array(0),
    v2: undefined,
    private: true,
  };
}

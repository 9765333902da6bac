import { LanshareError } from '../../errors.ts';
import { pieceIndex, pieceSize } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import type { ListedPeerId, Project } from '../config/project.ts';
import { dataFolder } from '../content/data-folder.ts';
import { openGivenFile } from '../content/open-given-file.ts';
import { projectMetainfo } from '../content/project-metainfo.ts';
import type { ReferenceContent } from './probe-api.ts';

export interface ReferenceFile extends ReferenceContent {
  close(): Promise<void>;
}

/**
 * The project's file in the folder of a peer that PeerInfo.cfg gives it; undefined where none lies there with the size
 * that Common.cfg says. Rejects with NOT_PERMITTED or DISK where it cannot be read.
 */
export async function openReferenceFile(
  directory: string,
  project: Project,
  clock: Clock,
): Promise<ReferenceFile | undefined> {
  for (const { id, hasFile } of project.peers) {
    const store = hasFile ? await storeOf(directory, project, id, clock) : undefined;
    if (store !== undefined) return { piece: (index) => readPiece(store, index), close: () => store.close() };
  }
  return undefined;
}

async function storeOf(
  directory: string,
  project: Project,
  id: ListedPeerId,
  clock: Clock,
): Promise<ContentStore | undefined> {
  try {
    return await openGivenFile(projectMetainfo(project), await dataFolder(directory, id), id, clock);
  } catch (error) {
    const isMissing =
      error instanceof LanshareError && ['NO_SUCH_PATH', 'CONTENT_MISMATCH'].includes(error.code);
    if (isMissing) return undefined;
    throw error;
  }
}

async function readPiece(store: ContentStore, index: number): Promise<Uint8Array> {
  const piece = pieceIndex(index, store.metainfo.pieceCount);
  if (piece === undefined) throw new RangeError(`there is no piece ${index}`);
  const content = Buffer.alloc(pieceSize(store.metainfo, piece));
  await store.read(piece, 0, content);
  return content;
}

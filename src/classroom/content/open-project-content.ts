import { mkdir } from 'node:fs/promises';
import { diskError, LanshareError } from '../../errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { openPart } from '../../storage/part/open-part.ts';
import type { ListedPeer, ListedPeerId, Project } from '../config/project.ts';
import { dataFolder } from './data-folder.ts';
import { openGivenFile } from './open-given-file.ts';
import { projectMetainfo } from './project-metainfo.ts';

export interface ProjectContentOptions {
  readonly project: Pick<Project, 'common'>;
  /** Whose content it is. */
  readonly peer: Pick<ListedPeer, 'id' | 'hasFile'>;
  /** Absolute path of the folder with both .cfg files: `peer_1001/` or `1001/` is below it. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The project's file as a peer has it at the start: all of it, where it lies, or nothing. A peer that begins with
 * nothing gets its data folder where that is missing; what an earlier run left under the file's name stays until
 * `finish`.
 *
 * Rejects, for who should have the file, with NO_SUCH_PATH where it is not there, CONTENT_MISMATCH where it is not a
 * file of the configured size, NOT_PERMITTED or DISK where it cannot be read. For the others with IN_USE where the same
 * peer runs already, EXISTS_DIFFERENT where something that is not ours is in the way, or a DISK code.
 */
export async function openProjectContent(options: ProjectContentOptions): Promise<ContentStore> {
  const { project, peer, directory, clock, logger } = options;
  const metainfo = projectMetainfo(project);
  const folder = await dataFolder(directory, peer.id);
  if (peer.hasFile) return await openGivenFile(metainfo, folder, peer.id, clock);
  await makeFolder(folder);
  try {
    return await openPart({ metainfo, begin: 'anew', outDir: folder, clock, logger });
  } catch (error) {
    throw inWordsOf(peer.id, folder, error);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw diskError(error, 'make', folder);
  }
}

/** The store speaks of fetches and of --out, which a peer of a project has not. */
function inWordsOf(id: ListedPeerId, folder: string, error: unknown): unknown {
  if (!(error instanceof LanshareError)) return error;
  const cause = { cause: error };
  switch (error.code) {
    case 'IN_USE':
      return new LanshareError(
        'IN_USE',
        `peer ${id} runs already: ${folder} is in use`,
        'stop it first',
        cause,
      );
    case 'EXISTS_DIFFERENT':
      return new LanshareError(
        'EXISTS_DIFFERENT',
        error.message,
        'move it away and start the peer again',
        cause,
      );
    default:
      return error;
  }
}

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { MAX_CONFIG_BYTES } from '../../limits.ts';
import { configFault } from './config-fault.ts';
import { decodeConfig } from './config-text.ts';
import { type ParsedProject, projectOf } from './project-of.ts';

/**
 * Reads Common.cfg and PeerInfo.cfg of a folder.
 *
 * @throws LanshareError NO_SUCH_PATH (hint: `lanshare peer init`), NOT_PERMITTED, DISK or BAD_CONFIG.
 */
export async function readProject(directory: string): Promise<ParsedProject> {
  const commonText = await readConfig(directory, 'Common.cfg');
  return projectOf(commonText, await readConfig(directory, 'PeerInfo.cfg'));
}

async function readConfig(directory: string, file: string): Promise<string> {
  const path = join(directory, file);
  try {
    // Asked first: opening a pipe would wait for its writer.
    const stats = await stat(path);
    const place = { file, line: undefined };
    if (!stats.isFile()) throw configFault(place, 'it is not a file', 'take away what has its name');
    if (stats.size > MAX_CONFIG_BYTES) {
      throw configFault(
        place,
        `it is larger than ${MAX_CONFIG_BYTES} bytes`,
        'check that it is the right file',
      );
    }
    return decodeConfig(await readFile(path));
  } catch (error) {
    throw systemErrorCode(error) === 'ENOENT'
      ? missing(directory, file, error)
      : diskError(error, 'read', path);
  }
}

function missing(directory: string, file: string, cause: unknown): LanshareError {
  return new LanshareError(
    'NO_SUCH_PATH',
    `there is no ${file} in ${directory}`,
    'run it in the folder of the project, name that with --dir, or make one with `lanshare peer init`',
    { cause },
  );
}

import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { diskError, LanshareError, systemErrorCode } from '../errors.ts';
import { isThere } from './is-there.ts';

/**
 * Can a fetch put its result here? Cheap, so that it can be asked before anything is looked for on the network.
 * Rejects with NO_SUCH_PATH or NOT_PERMITTED.
 */
export async function checkOutFolder(outDir: string): Promise<void> {
  try {
    if (!(await stat(outDir)).isDirectory()) throw notAFolder(outDir);
    await access(outDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT')
      throw new LanshareError(
        'NO_SUCH_PATH',
        `the output folder ${outDir} is not there`,
        'make it first, or choose another one with --out',
      );
    throw diskError(error, 'write into', outDir);
  }
}

/** Nothing may bear the final name yet. Rejects with EXISTS_DIFFERENT. */
export async function refuseExisting(finalPath: string): Promise<void> {
  if (await isThere(finalPath)) throw existsAlready(finalPath);
}

/** What bears the final name, if anything does, must be a file that another can take the place of. */
export async function refuseUnreplaceable(finalPath: string): Promise<void> {
  try {
    const stats = await lstat(finalPath);
    if (!stats.isFile() && !stats.isSymbolicLink()) throw existsAlready(finalPath, ', is not a file');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw diskError(error, 'look at', finalPath);
  }
}

/** `detail` continues the sentence, for what is known about the difference. */
export function existsAlready(finalPath: string, detail = ''): LanshareError {
  return new LanshareError(
    'EXISTS_DIFFERENT',
    `${finalPath} exists already${detail} and is not overwritten`,
    'move it away and run the same command again (what has arrived is kept), or choose another folder with --out',
  );
}

function notAFolder(outDir: string): LanshareError {
  return new LanshareError(
    'NO_SUCH_PATH',
    `the output folder ${outDir} is not a folder`,
    'choose a folder with --out',
  );
}

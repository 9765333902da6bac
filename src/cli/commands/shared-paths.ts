import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';

const DEFAULT_FOLDER = 'shares';

/**
 * The absolute paths to share: those that were given, or what lies in ./shares. Each is looked at before
 * anything is shared. Throws USAGE without any path, NO_SUCH_PATH, NOT_PERMITTED or NO_FILES.
 */
export async function pathsToShare(given: readonly string[], cwd: string): Promise<readonly string[]> {
  if (given.includes('')) throw new LanshareError('USAGE', 'a path is empty', 'see lanshare share --help');
  const paths = given.length > 0 ? given : await defaultPaths(cwd);
  for (const path of paths) await checkReadable(path, cwd);
  return [...new Set(paths.map((path) => resolve(cwd, path)))];
}

/** Each entry of ./shares is a content of its own; hidden ones are left out, as a shell's `*` does. */
async function defaultPaths(cwd: string): Promise<readonly string[]> {
  const entries = await readdir(join(cwd, DEFAULT_FOLDER)).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'ENOENT') throw diskError(error, 'read', DEFAULT_FOLDER);
    throw new LanshareError(
      'USAGE',
      'nothing to share: no path was given, and there is no folder ./shares',
      'name a file or folder: lanshare share movie.txt',
    );
  });
  const visible = entries.filter((entry) => !entry.startsWith('.')).sort();
  if (visible.length > 0) return visible.map((entry) => join(DEFAULT_FOLDER, entry));
  throw new LanshareError(
    'NO_FILES',
    'nothing to share: the folder ./shares is empty',
    'put something into it',
  );
}

async function checkReadable(path: string, cwd: string): Promise<void> {
  try {
    await access(resolve(cwd, path), constants.R_OK);
  } catch (error) {
    throw diskError(error, 'share', path);
  }
}

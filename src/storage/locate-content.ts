import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../errors.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';

/**
 * Where a content lies that is said to be at `path`: there, or in that folder under its name, as other BitTorrent
 * programs mean it. A folder that has one of the described files is the content itself. Rejects with NO_SUCH_PATH where
 * there is nothing, CONTENT_MISMATCH where a file stands for a folder, or a disk error.
 */
export async function locateContent(
  { name, kind, files }: Pick<Metainfo, 'name' | 'kind' | 'files'>,
  path: string,
): Promise<string> {
  const there = await kindOf(path);
  if (there === 'nothing') throw missing(path, name);
  const below = join(path, name);
  if (kind === 'file') {
    if (there === 'file') return path;
    if ((await kindOf(below)) === 'nothing') throw missing(below, name);
    return below;
  }
  if (there === 'file') {
    throw new LanshareError(
      'CONTENT_MISMATCH',
      `${path} is a file, and ${name} is a folder`,
      'name the folder, or the one that it lies in',
    );
  }
  if ((await kindOf(below)) !== 'folder') return path;
  for (const file of files)
    if (!file.padding && (await kindOf(join(path, ...file.path))) === 'file') return path;
  return below;
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return 'nothing';
    throw diskError(error, 'read', path);
  }
}

function missing(path: string, name: string): LanshareError {
  return new LanshareError(
    'NO_SUCH_PATH',
    `cannot seed ${name}: there is no ${path}`,
    'name the file or folder itself, or the folder that it lies in',
  );
}

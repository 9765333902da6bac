import { stat } from 'node:fs/promises';
import { diskError } from '../../errors.ts';

/** What lies there; `shown` is the path as the user wrote it. Throws NO_SUCH_PATH, NOT_PERMITTED or DISK. */
export async function pathKind(path: string, shown: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    throw diskError(error, 'read', shown);
  }
}

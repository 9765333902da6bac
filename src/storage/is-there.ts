import { lstat } from 'node:fs/promises';
import { diskError, systemErrorCode } from '../errors.ts';

/** Does anything bear this name, a link to nothing included? Rejects with a disk error where it cannot be told. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw diskError(error, 'look at', path);
  }
}

import { link, lstat, rename, unlink } from 'node:fs/promises';
import { diskError, systemErrorCode } from '../../errors.ts';
import { existsAlready, refuseExisting } from '../out-folder.ts';
import type { PartRoot } from './part-root.ts';
import { isPlace } from './safe-folder.ts';
import { strange } from './strange-file.ts';

/** File systems without hard links say so in many ways (link(2)). */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL'];
const TAKEN = ['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR'];

/**
 * Gives a synced part its final name, in one step, and never to the loss of what bears it already:
 * rejects with EXISTS_DIFFERENT then, and the part stays.
 */
export async function moveIntoPlace(root: PartRoot, finalPath: string): Promise<void> {
  await checkUnchanged(root);
  try {
    if (root.kind === 'file') return await moveFileIntoPlace(root.path, finalPath);
    await moveFolder(root.path, finalPath);
  } catch (error) {
    if (TAKEN.includes(systemErrorCode(error) ?? '')) throw existsAlready(finalPath);
    throw diskError(error, 'rename the part to', finalPath);
  }
}

/** The same for one file of a part. */
export async function moveFileIntoPlace(part: string, finalPath: string): Promise<void> {
  try {
    await moveFile(part, finalPath);
  } catch (error) {
    if (TAKEN.includes(systemErrorCode(error) ?? '')) throw existsAlready(finalPath);
    throw diskError(error, 'rename the part to', finalPath);
  }
}

/** Gives a synced part of one file its final name; what bears it is replaced, in one step. */
export async function replaceFile(root: PartRoot, finalPath: string): Promise<void> {
  await checkUnchanged(root);
  try {
    await rename(root.path, finalPath);
  } catch (error) {
    throw diskError(error, 'rename the part to', finalPath);
  }
}

async function checkUnchanged(root: PartRoot): Promise<void> {
  try {
    const stats = await lstat(root.path, { bigint: true });
    if (!isPlace(root.place, stats)) throw strange(root.path, 'was exchanged');
  } catch (error) {
    throw diskError(error, 'look at', root.path);
  }
}

/** rename(2) would replace a file that has appeared in this moment; link(2) does not. */
async function moveFile(part: string, finalPath: string): Promise<void> {
  try {
    await link(part, finalPath);
  } catch (error) {
    if (!NO_HARD_LINKS.includes(systemErrorCode(error) ?? '')) throw error;
    await refuseExisting(finalPath);
    return await rename(part, finalPath);
  }
  // The content is in place. A second name that stays is removed when the content is next fetched (leftovers.ts).
  await unlink(part).catch(() => {});
}

/** rename(2) of a folder replaces nothing but an empty folder. */
async function moveFolder(part: string, finalPath: string): Promise<void> {
  await refuseExisting(finalPath);
  await rename(part, finalPath);
}

import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { diskError, systemErrorCode } from '../errors.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import { existsAlready } from './out-folder.ts';

/**
 * A folder bears the final name of a content. What is missing may be put into it where it evidently is for this content:
 * it has one of its files, or nothing but what could be. Rejects with EXISTS_DIFFERENT for anybody else's.
 */
export async function refuseForeignFolder(metainfo: Metainfo, folder: string): Promise<void> {
  const entries = await entriesOf(folder);
  const own = new Set(metainfo.files.map((file) => file.path[0]));
  if (entries.every((entry) => own.has(entry))) return;
  for (const file of metainfo.files) if (await hasFile(folder, file)) return;
  throw existsAlready(folder, ', holds other things');
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    if (!(await lstat(folder)).isDirectory()) throw existsAlready(folder, ', is not a folder');
    return await readdir(folder);
  } catch (error) {
    throw diskError(error, 'look into', folder);
  }
}

async function hasFile(
  folder: string,
  file: { readonly path: readonly string[]; readonly length: number; readonly padding: boolean },
): Promise<boolean> {
  if (file.padding || file.length === 0) return false;
  try {
    const stats = await lstat(path.join(folder, ...file.path));
    return stats.isFile() && stats.size === file.length;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return false;
    throw diskError(error, 'look into', folder);
  }
}

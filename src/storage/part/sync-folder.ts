import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { diskError, systemErrorCode } from '../../errors.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { closeDescriptor, openDescriptor } from '../../platform/file-calls.ts';

const syncAll = promisify(fs.fsync);

/** Makes the names in a folder last. Not every system can sync a folder; those need no help or give none. */
export async function syncFolder(folder: string): Promise<void> {
  let descriptor: number | undefined;
  try {
    descriptor = await openDescriptor(folder, fs.constants.O_RDONLY);
    await syncAll(descriptor);
  } catch (error) {
    const cannot = ['EINVAL', 'EPERM', 'EISDIR', 'EACCES', 'EBADF', 'ENOTSUP'];
    if (!cannot.includes(systemErrorCode(error) ?? '')) throw diskError(error, 'sync', folder);
  } finally {
    if (descriptor !== undefined) await closeDescriptor(descriptor);
  }
}

/** The folders of a content on disk, each once: `root` and what the paths of its files name below. */
export function foldersBelow(root: string, metainfo: Metainfo): readonly string[] {
  const folders = new Set([root]);
  for (const file of metainfo.files) {
    if (file.padding) continue;
    for (let depth = 1; depth < file.path.length; depth++)
      folders.add(path.join(root, ...file.path.slice(0, depth)));
  }
  return [...folders];
}

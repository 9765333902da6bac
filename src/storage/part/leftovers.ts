import { lstat, unlink } from 'node:fs/promises';
import { diskError, LanshareError } from '../../errors.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { isThere } from '../is-there.ts';
import { PartLock } from './part-lock.ts';
import { type PartNames, partNames } from './part-names.ts';
import { removeEmptyFolders } from './place-part.ts';
import { readRecord, removeIfThere } from './resume-journal.ts';

/**
 * Removes what a fetch that was killed in its very last step left beside the whole content: the part's name,
 * where it is another name of the same file or has only empty folders, the record of a part that is gone, the lock.
 * Nothing else.
 * Never rejects because of the disk: where we may not tidy up, the content is there all the same.
 */
export async function removeLeftovers(metainfo: Metainfo, outDir: string): Promise<void> {
  const names = partNames(metainfo, outDir);
  try {
    for (const path of [names.part, names.record, names.lock])
      if (await isThere(path)) return await removeLocked(metainfo, names);
  } catch (error) {
    if (!(error instanceof LanshareError)) throw error;
  }
}

async function removeLocked(metainfo: Metainfo, names: PartNames): Promise<void> {
  const lock = await PartLock.take(names.lock, metainfo.name);
  try {
    if (await isSameFile(names)) await unlink(names.part);
    if (!(await isOurRecord(metainfo, names))) return;
    if (metainfo.kind === 'folder') await removeEmptyFolders(metainfo, names.part);
    if (!(await isThere(names.part))) await removeIfThere(names.record);
  } catch (error) {
    throw diskError(error, 'remove', names.part);
  } finally {
    await lock.release();
  }
}

async function isSameFile(names: PartNames): Promise<boolean> {
  if (!(await isThere(names.part))) return false;
  const [part, final] = await Promise.all([
    lstat(names.part, { bigint: true }),
    lstat(names.final, { bigint: true }),
  ]);
  return part.isFile() && part.ino === final.ino && part.dev === final.dev;
}

async function isOurRecord(metainfo: Metainfo, names: PartNames): Promise<boolean> {
  const found = await readRecord(names.record, metainfo.pieceCount);
  return (
    found.kind === 'found' &&
    found.record.kind === 'readable' &&
    found.record.header.infoHash === metainfo.infoHash
  );
}

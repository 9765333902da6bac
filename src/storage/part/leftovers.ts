import { lstat, unlink } from 'node:fs/promises';
import { LanshareError } from '../../errors.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { isThere } from '../is-there.ts';
import { PartLock } from './part-lock.ts';
import { type PartNames, partNames } from './part-names.ts';
import { readRecord, removeIfThere } from './resume-journal.ts';

/**
 * Removes what a fetch that was killed in its very last step left beside the whole content: the part's name,
 * where it is another name of the same file, and the record of a part that is gone. Nothing else.
 */
export async function removeLeftovers(metainfo: Metainfo, outDir: string): Promise<void> {
  const names = partNames(metainfo, outDir);
  if (!(await isThere(names.part)) && !(await isThere(names.record))) return;
  let lock: PartLock;
  try {
    lock = await PartLock.take(names.lock, metainfo.name);
  } catch (error) {
    // Somebody is at it, or may write here and we may not.
    if (error instanceof LanshareError && ['IN_USE', 'NOT_PERMITTED'].includes(error.code)) return;
    throw error;
  }
  try {
    if (await isSameFile(names)) await unlink(names.part);
    if (!(await isThere(names.part)) && (await isOurRecord(metainfo, names)))
      await removeIfThere(names.record);
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

import fs, { type BigIntStats } from 'node:fs';
import { lstat, mkdir, opendir } from 'node:fs/promises';
import { diskError } from '../../errors.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { closeDescriptor, NO_FOLLOW, openDescriptor } from '../../platform/file-calls.ts';
import { isThere } from '../is-there.ts';
import type { Place } from './safe-folder.ts';
import { strange, strangeFile } from './strange-file.ts';

/** The file or folder that holds the data of a part. */
export interface PartRoot {
  readonly kind: Metainfo['kind'];
  readonly path: string;
  readonly place: Place;
  /** No bytes, or no entries: nothing of anybody's can be lost in it. */
  readonly empty: boolean;
}

/** BEP 47 `x`; the umask is applied by the system. */
export function fileMode({ executable }: { readonly executable: boolean }): number {
  return executable ? 0o755 : 0o644;
}

/**
 * Takes what an earlier run left, or makes it. `owner` is who owns what this process creates here: in a folder of
 * another owner, names could be exchanged while we write. Rejects with EXISTS_DIFFERENT where something else
 * bears the part's name.
 */
export async function openRoot(metainfo: Metainfo, path: string, owner: bigint): Promise<PartRoot> {
  try {
    if (!(await isThere(path))) await make(metainfo, path);
    const stats = await lstat(path, { bigint: true });
    return { kind: metainfo.kind, ...(await inspect(metainfo.kind, path, stats, owner)) };
  } catch (error) {
    throw strangeFile(error, path) ?? diskError(error, 'open', path);
  }
}

async function make(metainfo: Metainfo, path: string): Promise<void> {
  if (metainfo.kind === 'folder') return await mkdir(path);
  const { O_RDWR, O_CREAT, O_EXCL } = fs.constants;
  const mode = fileMode(metainfo.files[0] ?? { executable: false });
  await closeDescriptor(await openDescriptor(path, O_RDWR | O_CREAT | O_EXCL | NO_FOLLOW, mode));
}

async function inspect(
  kind: Metainfo['kind'],
  path: string,
  stats: BigIntStats,
  owner: bigint,
): Promise<Omit<PartRoot, 'kind'>> {
  if (stats.isSymbolicLink()) throw strange(path, 'is a symbolic link');
  if (stats.uid !== owner) throw strange(path, 'belongs to another user');
  const place = { device: stats.dev, inode: stats.ino };
  switch (kind) {
    case 'file':
      if (!stats.isFile()) throw strange(path, 'is not a file');
      // The other name could be anything, and would be written too.
      if (stats.nlink > 1n) throw strange(path, 'is a file with several names (hard links)');
      return { path, place, empty: stats.size === 0n };
    case 'folder':
      if (!stats.isDirectory()) throw strange(path, 'is not a folder');
      return { path, place, empty: await isEmptyFolder(path) };
  }
}

async function isEmptyFolder(path: string): Promise<boolean> {
  const folder = await opendir(path);
  try {
    return (await folder.read()) === null;
  } finally {
    await folder.close();
  }
}

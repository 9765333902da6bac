import { rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError, systemErrorCode } from '../../errors.ts';
import type { FileIdentity, SourceFile } from '../../hashing/hashed-content.ts';
import { inLanes } from '../../hashing/lanes.ts';
import { FILE_CALLS_AT_ONCE } from '../../limits.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import { moveFileIntoPlace, moveIntoPlace, replaceFile } from './move-into-place.ts';
import type { OpenedPart } from './opened-part.ts';
import { finalFilePath } from './part-names.ts';
import { openRoot } from './part-root.ts';
import { foldersBelow, syncFolder } from './sync-folder.ts';

/*
 * How what was fetched gets its final name. A content that is wanted whole is renamed in one step. Where only some files
 * are, or some are placed already, the others join them one by one.
 */

type Part = Pick<OpenedPart, 'metainfo' | 'wanted' | 'names' | 'replaces' | 'root' | 'places' | 'owner'>;

/** As each file was when it was brought to the disk, in the order of `metainfo.files`. */
export type Identities = readonly (FileIdentity | undefined)[];

/** Wanted files without a piece whose arrival would make them. */
export function emptyFiles(part: Part): readonly number[] {
  const { metainfo, places } = part;
  return wantedFiles(part).filter((file) => metainfo.files[file]?.length === 0 && !places.isPlaced(file));
}

/** What lies in a folder that is renamed must be on the disk before. */
export async function syncNames(part: Part): Promise<void> {
  if (!movesAtOnce(part) || part.root.kind === 'file') return;
  await inLanes(foldersBelow(part.root.path, part.metainfo), FILE_CALLS_AT_ONCE, syncFolder);
}

/**
 * Never to the loss of what bears a final name already, unless the part `replaces` it: rejects with EXISTS_DIFFERENT
 * then. What has been placed by then stays so, and it may be called again.
 */
export async function placePart(part: Part): Promise<void> {
  const { metainfo, names, root, places, owner } = part;
  if (part.replaces) return await replaceFile(root, names.final);
  if (movesAtOnce(part)) return await moveIntoPlace(root, names.final);
  if (!places.hasFinal) places.openFinal(await openRoot(metainfo, names.final, owner));
  const folders = new Set<string>();
  await inLanes(wantedFiles(part), FILE_CALLS_AT_ONCE, async (file) => {
    if (places.isPlaced(file)) return;
    const final = await places.finalPath(file);
    await moveFileIntoPlace(await places.partPath(file, { create: false }), final);
    places.setPlaced(file);
    folders.add(dirname(final));
  });
  await inLanes(folders, FILE_CALLS_AT_ONCE, syncFolder);
}

/** Where the files of held pieces lie afterwards; undefined for what has none. */
export function placedFiles(part: Part, identities: Identities): readonly (SourceFile | undefined)[] {
  const { metainfo, names, places } = part;
  return metainfo.files.map((file, position) => {
    const identity = places.identityOfPlaced(position) ?? identities[position];
    if (identity === undefined) return undefined;
    const absolutePath = movesAtOnce(part) ? finalFilePath(names, file) : places.pathOf(position);
    return { absolutePath, length: file.length, identity };
  });
}

/**
 * Removes what a part has no use for any more: other copies of placed files, and folders without a file. What is left
 * are pieces of files that were not wanted, for a fetch that wants them. Resolves with whether nothing is.
 */
export async function removeRemains(part: Part): Promise<boolean> {
  if (movesAtOnce(part)) return true;
  const { metainfo, root, places } = part;
  await inLanes([...places.placed()], FILE_CALLS_AT_ONCE, async (file) => {
    const left = await places.findInPart(file);
    if (left !== undefined) await unlink(await places.partPath(file, { create: false }));
  });
  return await removeEmptyFolders(metainfo, root.path);
}

/** Of a part, itself included; what has a file in it stays. Resolves with whether all are gone. */
export async function removeEmptyFolders(metainfo: Metainfo, root: string): Promise<boolean> {
  // A folder in a folder has the longer path.
  const folders = [...foldersBelow(root, metainfo)].sort((one, other) => other.length - one.length);
  let isGone = false;
  for (const folder of folders) isGone = await removeEmptyFolder(folder);
  return isGone;
}

/** Resolves with whether it is gone. */
async function removeEmptyFolder(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    switch (systemErrorCode(error)) {
      case 'ENOENT':
        return true;
      case 'ENOTEMPTY':
      case 'EEXIST':
      case 'ENOTDIR':
        return false;
      default:
        throw diskError(error, 'remove', folder);
    }
  }
}

function movesAtOnce({ wanted, places }: Part): boolean {
  return wanted === undefined && !places.hasFinal;
}

function wantedFiles({ metainfo: { files }, wanted }: Part): readonly number[] {
  return [...(wanted ?? files.keys())].filter((position) => files[position]?.padding === false);
}

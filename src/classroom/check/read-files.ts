import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { asLanshareError } from '../../errors.ts';
import { CHECK_READ_BYTES } from '../../limits.ts';
import { isThere } from '../../storage/is-there.ts';
import type { ListedPeer, Project } from '../config/project.ts';
import { dataFolder } from '../content/data-folder.ts';
import type { ComparedFile } from './compared-file.ts';

/**
 * Holds the files in the folders of all peers against that of the first who had it at the start. Peers without a
 * folder here ran elsewhere and are left out; so are all, where nobody's file is here to hold them against.
 */
export async function readFiles(
  directory: string,
  { common, peers }: Project,
  signal: AbortSignal,
): Promise<readonly ComparedFile[]> {
  const here = await filesHere(directory, peers, common.fileName);
  const reference = here.find(({ peer, there }) => peer.hasFile && there);
  if (reference === undefined) return [];
  const compared: ComparedFile[] = [];
  for (const file of here) {
    signal.throwIfAborted();
    if (file === reference) compared.push(await judgeReference(file, common.fileSize));
    else compared.push({ peer: file.peer.id, difference: await differenceOf(file, reference, signal) });
  }
  return compared;
}

interface FileHere {
  readonly peer: ListedPeer;
  readonly path: string;
  /** Its folder is here in any case. */
  readonly there: boolean;
}

async function filesHere(
  directory: string,
  peers: readonly ListedPeer[],
  fileName: string,
): Promise<readonly FileHere[]> {
  const files: FileHere[] = [];
  for (const peer of peers) {
    const folder = await dataFolder(directory, peer.id);
    if (!(await isThere(folder))) continue;
    const file = path.join(folder, fileName);
    files.push({ peer, path: file, there: await isThere(file) });
  }
  return files;
}

async function judgeReference({ peer, path: file }: FileHere, fileSize: number): Promise<ComparedFile> {
  const size = await withFile(file, async (handle) => (await handle.stat()).size);
  if (size === fileSize) return { peer: peer.id, difference: undefined };
  return { peer: peer.id, difference: `its file has ${size} bytes, and Common.cfg says ${fileSize}` };
}

async function differenceOf(
  file: FileHere,
  reference: FileHere,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!file.there) return 'its folder has no such file';
  try {
    return await withFile(file.path, (one) =>
      withFile(reference.path, (other) => firstDifference(one, other, reference.peer, signal)),
    );
  } catch (error) {
    signal.throwIfAborted();
    return asLanshareError(error).message;
  }
}

async function firstDifference(
  one: FileHandle,
  other: FileHandle,
  { id }: ListedPeer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const size = (await one.stat()).size;
  const otherSize = (await other.stat()).size;
  if (size !== otherSize) return `its file has ${size} bytes, and that of ${id} has ${otherSize}`;
  const left = Buffer.allocUnsafe(CHECK_READ_BYTES);
  const right = Buffer.allocUnsafe(CHECK_READ_BYTES);
  for (let position = 0; position < size; position += CHECK_READ_BYTES) {
    signal.throwIfAborted();
    const bytes = Math.min(CHECK_READ_BYTES, size - position);
    await Promise.all([readWhole(one, left, bytes, position), readWhole(other, right, bytes, position)]);
    if (left.compare(right, 0, bytes, 0, bytes) === 0) continue;
    const at = left.subarray(0, bytes).findIndex((byte, index) => byte !== right[index]);
    return `its file differs from that of ${id}, first at byte ${position + at}`;
  }
  return undefined;
}

async function readWhole(handle: FileHandle, buffer: Buffer, bytes: number, position: number): Promise<void> {
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, position + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
}

async function withFile<Result>(file: string, use: (handle: FileHandle) => Promise<Result>): Promise<Result> {
  const handle = await open(file, 'r');
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

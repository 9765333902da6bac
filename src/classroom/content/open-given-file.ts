import { type BigIntStats, constants } from 'node:fs';
import path from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { identityOf } from '../../hashing/file-identity.ts';
import type { Metainfo } from '../../metainfo/metainfo.ts';
import type { Clock } from '../../platform/clock.ts';
import { closeDescriptor, openDescriptor, statDescriptor } from '../../platform/file-calls.ts';
import { SourceStore } from '../../storage/source-store.ts';
import type { ListedPeerId } from '../config/project.ts';

/** Without hashes nothing is known of a piece before it is read for the first time. */
const NO_CRC32S = new Uint32Array(0);

/** Serves the file of a peer that has it from the start. It is not read before somebody asks for a piece. */
export async function openGivenFile(
  metainfo: Metainfo,
  folder: string,
  id: ListedPeerId,
  clock: Clock,
): Promise<SourceStore> {
  const absolutePath = path.join(folder, metainfo.name);
  const stats = await lookAt(absolutePath, id);
  if (!stats.isFile()) throw notTheFile(absolutePath, 'is not a file');
  if (stats.size !== BigInt(metainfo.length))
    throw notTheFile(absolutePath, `has ${stats.size} bytes, and Common.cfg says ${metainfo.length}`);
  const file = { absolutePath, length: metainfo.length, identity: identityOf(stats) };
  return new SourceStore({ metainfo, files: [file], crc32s: NO_CRC32S }, { clock });
}

/** Opened and closed again, so that a file that may not be read is known now and not at the first request. */
async function lookAt(file: string, id: ListedPeerId): Promise<BigIntStats> {
  try {
    // Non-blocking: a named pipe in its place would hold a thread for ever.
    const descriptor = await openDescriptor(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return await statDescriptor(descriptor);
    } finally {
      await closeDescriptor(descriptor);
    }
  } catch (error) {
    const code = systemErrorCode(error);
    throw code === 'ENOENT' || code === 'ENOTDIR' ? missing(file, id, error) : diskError(error, 'read', file);
  }
}

function missing(file: string, id: ListedPeerId, cause: unknown): LanshareError {
  return new LanshareError(
    'NO_SUCH_PATH',
    `PeerInfo.cfg says that peer ${id} has the file, and ${file} is not there`,
    'put the file there, or write 0 in place of the 1 behind the port',
    { cause },
  );
}

function notTheFile(file: string, what: string): LanshareError {
  return new LanshareError(
    'CONTENT_MISMATCH',
    `${file} ${what}`,
    'put the right file there, or correct FileName and FileSize in Common.cfg',
  );
}

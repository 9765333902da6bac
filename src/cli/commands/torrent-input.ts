import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../../errors.ts';
import { MAX_TORRENT_BYTES } from '../../limits.ts';
import type { Torrent } from '../../metainfo/metainfo.ts';
import { missingLayers } from '../../metainfo/missing-layers.ts';
import { type ReadTorrent, readTorrent } from '../../metainfo/parse-torrent.ts';

/** As `inspectTorrentFile`. */
export async function readTorrentFile(path: string, cwd: string): Promise<Torrent> {
  return (await inspectTorrentFile(path, cwd)).torrent;
}

/** As `inspectTorrentFile`, for what lies here: NOT_A_TORRENT, too, where only peers could tell the hashes of its pieces. */
export async function readVerifiableTorrent(path: string, cwd: string): Promise<Torrent> {
  const torrent = await readTorrentFile(path, cwd);
  if (missingLayers(torrent.metainfo).length === 0) return torrent;
  throw new LanshareError(
    'NOT_A_TORRENT',
    `${path} is of BitTorrent v2 and lacks the hashes of its pieces, so nothing here can be compared with it`,
    'lanshare fetch takes it, and gets the hashes from peers',
  );
}

/**
 * Reads the .torrent at `path` (as the user wrote it), and says what was made safe in it. Throws NOT_A_TORRENT,
 * UNSAFE_NAME or a disk error, each naming the path.
 */
export async function inspectTorrentFile(path: string, cwd: string): Promise<ReadTorrent> {
  return (await readTorrentWithBytes(path, cwd)).read;
}

/** As `inspectTorrentFile`, with the file as it is. */
export async function readTorrentWithBytes(
  path: string,
  cwd: string,
): Promise<{ readonly bytes: Uint8Array; readonly read: ReadTorrent }> {
  const bytes = await readBounded(path, cwd);
  try {
    return { bytes, read: readTorrent(bytes) };
  } catch (error) {
    if (!(error instanceof LanshareError)) throw error;
    throw new LanshareError(error.code, `${path}: ${error.message}`, error.hint, { cause: error });
  }
}

/** For people: the names that the .torrent has would have led somewhere else. */
export function madeSafe(names: number): string {
  return names === 1 ? 'one name in it was made safe' : `${names} names in it were made safe`;
}

async function readBounded(path: string, cwd: string): Promise<Uint8Array> {
  try {
    const file = await open(resolve(cwd, path), constants.O_RDONLY);
    try {
      return await readUpTo(file, path);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemErrorCode(error) === 'EISDIR') {
      throw new LanshareError(
        'NOT_A_TORRENT',
        `${path} is a folder, not a .torrent file`,
        'name the file itself',
      );
    }
    throw diskError(error, 'read', path);
  }
}

/** By reading, not by asking for the size: it may be a pipe (`lanshare info <(curl ...)`). */
async function readUpTo(file: FileHandle, path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(64 * 1024), 0, 64 * 1024, null);
    if (bytesRead === 0) return Buffer.concat(chunks, length);
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
    if (length > MAX_TORRENT_BYTES) {
      throw new LanshareError(
        'NOT_A_TORRENT',
        `${path} is not a torrent: it is larger than ${MAX_TORRENT_BYTES / 1024 / 1024} MiB`,
        'name the .torrent file, not the content',
      );
    }
  }
}

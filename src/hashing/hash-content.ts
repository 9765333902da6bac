import { realpath } from 'node:fs/promises';
import { diskError, LanshareError } from '../errors.ts';
import { MAX_PIECE_LENGTH_BYTES, MAX_TORRENT_BYTES, MIN_PIECE_LENGTH_BYTES } from '../limits.ts';
import { buildInfo, choosePieceLength, type InfoDescription } from '../metainfo/create-torrent.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import { printableName } from '../metainfo/printable-name.ts';
import { namePartFault } from '../metainfo/safe-name.ts';
import { areSettled, readHashCache, writeHashCache } from './hash-cache.ts';
import { type HashOptions, hashPieces, type PieceHashes } from './hash-pieces.ts';
import type { HashedContent } from './hashed-content.ts';
import { type FileListing, listFiles } from './list-files.ts';

export interface HashContentOptions extends HashOptions {
  /** The name it is shared under. Default: the file's or folder's own. */
  readonly name?: string | undefined;
  /** Bytes, a power of two from 16 KiB to 64 MiB. Default: chosen by size. */
  readonly pieceLength?: number | undefined;
  /** Where hashes are remembered (see `defaultCacheDirectory`); undefined to do without. */
  readonly cacheDirectory: string | undefined;
}

/**
 * Everything that is to be known of a file or folder before it can be shared. Where the cache knows it, no
 * content is read and `onProgress` is not called.
 *
 * Rejects with NO_SUCH_PATH, NOT_PERMITTED, NO_FILES, SHARE_CHANGED (it was written to
 * meanwhile), USAGE (name, piece length or number of files), DISK or INTERRUPTED.
 */
export async function hashContent(path: string, options: HashContentOptions): Promise<HashedContent> {
  const listedAtMs = options.clock.wallTime();
  const listing = await listFiles(path, options.signal);
  const description = describe(listing, options);
  const { hashes, cached } = await findHashes(listing, description, listedAtMs, options);
  const infoBytes = buildInfo({ ...description, pieceHashes: hashes.hashes });
  return {
    metainfo: parseInfo(infoBytes),
    sourcePath: listing.sourcePath,
    files: listing.files,
    crc32s: hashes.crc32s,
    warnings: listing.warnings,
    cached,
  };
}

/** The info dictionary to be, with hashes of zeros: every refusal comes before the hashing, not after it. */
function describe(listing: FileListing, options: HashContentOptions): InfoDescription {
  const length = listing.files.reduce((sum, file) => sum + file.length, 0);
  const pieceLength = options.pieceLength ?? choosePieceLength(length);
  refusePieceLength(pieceLength);
  const name = options.name ?? listing.name;
  const fault = namePartFault(name);
  if (fault !== undefined) throw badName(name, fault);
  const pieceCount = Math.ceil(length / pieceLength);
  if (pieceCount * 20 > MAX_TORRENT_BYTES) throw tooLarge(listing.sourcePath);
  const pieceHashes = new Uint8Array(pieceCount * 20);
  const description = { name, kind: listing.kind, files: listing.files, pieceLength, pieceHashes };
  if (buildInfo(description).length > MAX_TORRENT_BYTES) throw tooLarge(listing.sourcePath);
  return description;
}

async function findHashes(
  { sourcePath, files }: FileListing,
  { pieceLength, pieceHashes }: InfoDescription,
  listedAtMs: number,
  options: HashContentOptions,
): Promise<{ hashes: PieceHashes; cached: boolean }> {
  const { cacheDirectory } = options;
  if (cacheDirectory === undefined)
    return { hashes: await hashPieces(files, pieceLength, options), cached: false };
  const realPath = await realpath(sourcePath).catch((error: unknown) => {
    throw diskError(error, 'read', sourcePath);
  });
  const key = { realPath, pieceLength, pieceCount: pieceHashes.length / 20, files };
  const known = await readHashCache(cacheDirectory, key);
  if (known !== undefined) return { hashes: known, cached: true };
  const hashes = await hashPieces(files, pieceLength, options);
  if (areSettled(files, listedAtMs)) await writeHashCache(cacheDirectory, key, hashes);
  return { hashes, cached: false };
}

function refusePieceLength(pieceLength: number): void {
  const isPowerOfTwo = Number.isInteger(Math.log2(pieceLength));
  if (isPowerOfTwo && pieceLength >= MIN_PIECE_LENGTH_BYTES && pieceLength <= MAX_PIECE_LENGTH_BYTES) return;
  throw new LanshareError(
    'USAGE',
    `a piece length of ${pieceLength} bytes is not possible`,
    'use a power of two from 16 KiB to 64 MiB',
  );
}

function badName(name: string, fault: string): LanshareError {
  return new LanshareError(
    'USAGE',
    `cannot share under the name "${printableName(name)}": it ${fault}`,
    'give it another name with --name',
  );
}

function tooLarge(path: string): LanshareError {
  return new LanshareError(
    'USAGE',
    `the description of ${path} would be larger than ${MAX_TORRENT_BYTES / 1024 / 1024} MiB`,
    'share its folders one by one, or choose a larger --piece-length',
  );
}

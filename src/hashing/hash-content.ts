import { realpath } from 'node:fs/promises';
import { diskError } from '../errors.ts';
import { buildInfo } from '../metainfo/create-torrent.ts';
import type { Metainfo } from '../metainfo/metainfo.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import { withPieceLayers } from '../metainfo/piece-layers.ts';
import { type ContentDescription, type DescriptionWishes, describeContent } from './describe-content.ts';
import { fileTrees } from './file-trees.ts';
import { areSettled, readHashCache, writeHashCache } from './hash-cache.ts';
import { type HashOptions, hashPieces, type PieceHashes } from './hash-pieces.ts';
import type { FileIdentity, HashedContent, SourceFile } from './hashed-content.ts';
import { type FileListing, listFiles } from './list-files.ts';

export interface HashContentOptions extends DescriptionWishes, Omit<HashOptions, 'version'> {
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
  const { description, warnings } = describeContent(listing, options);
  const { hashes, cached } = await findHashes(listing, description, listedAtMs, options);
  const metainfo = metainfoOf(description, hashes);
  return {
    metainfo,
    sourcePath: listing.sourcePath,
    files: filesOf(metainfo, listing),
    crc32s: hashes.crc32s,
    warnings: [...listing.warnings, ...warnings],
    cached,
  };
}

function metainfoOf(description: ContentDescription, { hashes, roots }: PieceHashes): Metainfo {
  const { files, pieceLength } = description;
  if (roots === undefined) return parseInfo(buildInfo({ ...description, pieceHashes: hashes }));
  const trees = fileTrees(files, pieceLength, roots);
  const metainfo = parseInfo(buildInfo({ ...description, pieceHashes: hashes, trees }));
  const layers = trees.flatMap((tree): [string, Uint8Array][] =>
    tree?.pieceLayer === undefined ? [] : [[Buffer.from(tree.piecesRoot).toString('hex'), tree.pieceLayer]],
  );
  return withPieceLayers(metainfo, new Map(layers));
}

/** Padding lies on no disk; it has a place in the list all the same. */
function filesOf({ files }: Metainfo, listing: FileListing): readonly SourceFile[] {
  const sources = listing.files.values();
  return files.map(({ padding, length }) => {
    const source = padding ? undefined : sources.next().value;
    return source ?? { absolutePath: listing.sourcePath, length, identity: NO_FILE };
  });
}

const NO_FILE: FileIdentity = { size: 0, mtimeNs: 0n, inode: 0n, device: 0n };

async function findHashes(
  { sourcePath, files }: FileListing,
  { pieceLength, pieceHashes, version }: ContentDescription,
  listedAtMs: number,
  { cacheDirectory, ...others }: HashContentOptions,
): Promise<{ hashes: PieceHashes; cached: boolean }> {
  const options = { ...others, version };
  if (cacheDirectory === undefined)
    return { hashes: await hashPieces(files, pieceLength, options), cached: false };
  const realPath = await realpath(sourcePath).catch((error: unknown) => {
    throw diskError(error, 'read', sourcePath);
  });
  const key = { realPath, pieceLength, pieceCount: pieceHashes.length / 20, files, version };
  const known = await readHashCache(cacheDirectory, key);
  if (known !== undefined) return { hashes: known, cached: true };
  const hashes = await hashPieces(files, pieceLength, options);
  if (areSettled(files, listedAtMs)) await writeHashCache(cacheDirectory, key, hashes);
  return { hashes, cached: false };
}

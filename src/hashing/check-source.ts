import fs, { type BigIntStats } from 'node:fs';
import { join, resolve } from 'node:path';
import { diskError, LanshareError, systemErrorCode } from '../errors.ts';
import { MAX_HASH_LANES } from '../limits.ts';
import type { Metainfo, MetainfoFile } from '../metainfo/metainfo.ts';
import { Bitfield } from '../pieces/bitfield.ts';
import type { Clock } from '../platform/clock.ts';
import { identityOf, sameIdentity } from './file-identity.ts';
import type { SourceFile } from './hashed-content.ts';
import { inLanes } from './lanes.ts';
import type { ListedFile } from './list-files.ts';
import type { OnProgress } from './progress-meter.ts';
import { recallHashes, rememberHashes } from './recall-hashes.ts';
import { type VerifyReport, verifyContent } from './verify-content.ts';

export interface CheckSourceOptions {
  readonly clock: Clock;
  /** Where hashes are remembered; undefined to do without. */
  readonly cacheDirectory: string | undefined;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** What lies on disk of a content that a .torrent describes. */
export interface CheckedSource {
  readonly metainfo: Metainfo;
  readonly sourcePath: string;
  /** In the order of `metainfo.files`; undefined for padding, and for what is not there. */
  readonly files: readonly (SourceFile | undefined)[];
  /** Pieces that are right. */
  readonly have: Bitfield;
  /** CRC-32 of each of those; of the others, nothing. */
  readonly crc32s: Uint32Array;
  readonly report: VerifyReport;
}

/**
 * Finds out which pieces of a content can be served from `path`, the file or folder itself. Where the hash cache knows
 * that it is whole, nothing is read and `onProgress` is not called. Links are followed: whatever they lead to, only
 * bytes with the right hashes count.
 *
 * Rejects as `verifyContent` does, and with SHARE_CHANGED where a file was written to meanwhile.
 */
export async function checkSource(
  metainfo: Metainfo,
  path: string,
  options: CheckSourceOptions,
): Promise<CheckedSource> {
  const { clock, cacheDirectory, onProgress, signal } = options;
  const sourcePath = resolve(path);
  const listedAtMs = clock.wallTime();
  const files = await findFiles(metainfo, sourcePath, signal);
  const cache = { directory: cacheDirectory, metainfo, sourcePath, files };
  const known = await recallHashes(cache);
  if (known !== undefined) {
    const have = Bitfield.full(metainfo.pieceCount);
    return { metainfo, sourcePath, files, have, crc32s: known, report: wholeReport(metainfo) };
  }
  const have = new Bitfield(metainfo.pieceCount);
  const crc32s = new Uint32Array(metainfo.pieceCount);
  const report = await verifyContent(metainfo, sourcePath, {
    clock,
    onGoodPiece(index, crc32) {
      have.add(index);
      crc32s[index] = crc32;
    },
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  refuseChanged(files, await findFiles(metainfo, sourcePath, signal));
  if (report.matches) await rememberHashes(cache, crc32s, listedAtMs);
  return { metainfo, sourcePath, files, have, crc32s, report };
}

/** As they are now; undefined for padding and where there is no regular file. */
async function findFiles(
  { files }: Metainfo,
  sourcePath: string,
  signal: AbortSignal | undefined,
): Promise<(ListedFile | undefined)[]> {
  const found: (ListedFile | undefined)[] = files.map(() => undefined);
  const find = async ([at, file]: [number, MetainfoFile]): Promise<void> => {
    if (!file.padding) found[at] = await findFile(file, sourcePath);
  };
  await inLanes(files.entries(), MAX_HASH_LANES, find, signal);
  return found;
}

async function findFile(
  { path, executable }: MetainfoFile,
  sourcePath: string,
): Promise<ListedFile | undefined> {
  const absolutePath = join(sourcePath, ...path);
  try {
    const stats = await statPath(absolutePath);
    if (!stats.isFile()) return undefined;
    const identity = identityOf(stats);
    return { absolutePath, path, length: identity.size, identity, executable, ctimeNs: stats.ctimeNs };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw diskError(error, 'read', absolutePath);
  }
}

function statPath(path: string): Promise<BigIntStats> {
  return new Promise((done, fail) => {
    fs.stat(path, { bigint: true }, (error, stats) => (error === null ? done(stats) : fail(error)));
  });
}

/** One that has come meanwhile does no harm: it is not served. */
function refuseChanged(
  before: readonly (SourceFile | undefined)[],
  after: readonly (SourceFile | undefined)[],
): void {
  for (const [at, file] of before.entries()) {
    const now = after[at];
    if (file === undefined || (now !== undefined && sameIdentity(file.identity, now.identity))) continue;
    throw new LanshareError(
      'SHARE_CHANGED',
      `${file.absolutePath} changed while it was being checked`,
      'wait until nothing writes to it any more, then run the same command again',
    );
  }
}

function wholeReport({ pieceCount, length }: Metainfo): VerifyReport {
  return {
    matches: true,
    piecesGood: pieceCount,
    piecesTotal: pieceCount,
    bytesGood: length,
    badFiles: [],
  };
}

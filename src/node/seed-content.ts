import { LanshareError } from '../errors.ts';
import { checkSource } from '../hashing/check-source.ts';
import type { VerifyReport } from '../hashing/verify-content.ts';
import type { Torrent } from '../metainfo/metainfo.ts';
import { locateContent } from '../storage/locate-content.ts';
import { SourceStore } from '../storage/source-store.ts';
import type { SeedOptions, Share } from './api.ts';
import type { NodeContext } from './context.ts';
import { serveContent } from './serve-content.ts';
import { refuseSharedTwice } from './share-content.ts';

/** Compares what lies at `path` with its .torrent, and serves the pieces that are right. */
export async function seedContent(
  context: NodeContext,
  { metainfo, trackers }: Torrent,
  path: string,
  { until, signal }: SeedOptions,
): Promise<Share> {
  const { clock, emit } = context;
  const { infoHash } = metainfo;
  refuseSharedTwice(context, infoHash, path);
  const located = await locateContent(metainfo, path);
  const source = await checkSource(metainfo, located, {
    clock,
    cacheDirectory: context.cacheDirectory,
    signal: signal === undefined ? context.closing : AbortSignal.any([context.closing, signal]),
    onProgress: (bytesDone, bytesTotal) => emit({ event: 'verifying', path: located, bytesDone, bytesTotal }),
  });
  const { matches, piecesGood, piecesTotal, badFiles } = source.report;
  emit({ event: 'verified', path: located, infoHash, matches, piecesGood, piecesTotal, badFiles });
  if (piecesGood === 0 && !matches) throw nothingRight(located, metainfo.name, source.report);
  refuseSharedTwice(context, infoHash, path);
  const store = new SourceStore(source, { clock });
  return serveContent(context, { store, path: located, trackers, until });
}

function nothingRight(path: string, name: string, { badFiles }: VerifyReport): LanshareError {
  const [first] = badFiles;
  const why = first === undefined ? '' : ` (${first.path}: ${first.reason})`;
  return new LanshareError(
    'CONTENT_MISMATCH',
    `there is nothing to seed: no piece of ${name} is right in ${path}${why}`,
    'name the file or folder that has it',
  );
}

import { LanshareError } from '../errors.ts';
import { hashContent } from '../hashing/hash-content.ts';
import { filesLength, type InfoHash } from '../metainfo/metainfo.ts';
import { SourceStore } from '../storage/source-store.ts';
import type { Share, ShareOptions } from './api.ts';
import type { NodeContext } from './context.ts';
import { serveContent } from './serve-content.ts';

/** Hashes what lies at `path`, describes it, and serves it. */
export async function shareContent(
  context: NodeContext,
  path: string,
  options: ShareOptions,
): Promise<Share> {
  const { clock, emit } = context;
  const hashed = await hashContent(path, {
    clock,
    name: options.name,
    pieceLength: options.pieceLength,
    version: options.version ?? 'fitting',
    cacheDirectory: context.cacheDirectory,
    signal:
      options.signal === undefined ? context.closing : AbortSignal.any([context.closing, options.signal]),
    onProgress: (bytesDone, bytesTotal) =>
      emit({ event: 'hashing', path, bytesDone, bytesTotal, cached: false }),
  });
  const { metainfo, sourcePath } = hashed;
  const bytesTotal = filesLength(metainfo);
  if (hashed.cached) emit({ event: 'hashing', path, bytesDone: bytesTotal, bytesTotal, cached: true });
  for (const message of hashed.warnings) emit({ event: 'warning', message });
  refuseSharedTwice(context, metainfo.infoHash, path);
  const store = new SourceStore(hashed, { clock });
  return serveContent(context, { store, path: sourcePath, until: options.until });
}

/** Throws USAGE. */
export function refuseSharedTwice({ contents }: NodeContext, infoHash: InfoHash, path: string): void {
  if (contents.swarm(infoHash) === undefined) return;
  throw new LanshareError('USAGE', `${path} is shared already`, 'name each file or folder once');
}

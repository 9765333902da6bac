import { LanshareError } from '../errors.ts';
import { hashContent } from '../hashing/hash-content.ts';
import { repeat } from '../platform/clock.ts';
import { SourceStore } from '../storage/source-store.ts';
import type { Share, ShareOptions } from './api.ts';
import type { NodeContext } from './context.ts';
import { openSwarm } from './open-swarm.ts';
import { reportProgress } from './report-progress.ts';

/** How often a share looks whether its files are still what was hashed, while nobody fetches it. */
const SOURCE_WATCH_INTERVAL_MS = 2_000;

/** Hashes what lies at `path` and serves it until the share or the node is closed, or until it changes. */
export async function shareContent(
  context: NodeContext,
  path: string,
  options: ShareOptions,
): Promise<Share> {
  const { clock, contents, emit, logger } = context;
  const hashed = await hashContent(path, {
    clock,
    name: options.name,
    pieceLength: options.pieceLength,
    cacheDirectory: context.cacheDirectory,
    signal:
      options.signal === undefined ? context.closing : AbortSignal.any([context.closing, options.signal]),
    onProgress: (bytesDone, bytesTotal) =>
      emit({ event: 'hashing', path, bytesDone, bytesTotal, cached: false }),
  });
  const { metainfo, sourcePath } = hashed;
  const { infoHash, length } = metainfo;
  if (hashed.cached) emit({ event: 'hashing', path, bytesDone: length, bytesTotal: length, cached: true });
  for (const message of hashed.warnings) emit({ event: 'warning', message });
  if (contents.swarm(infoHash) !== undefined) {
    throw new LanshareError('USAGE', `${path} is shared already`, 'name each file or folder once');
  }

  const store = new SourceStore(hashed, { clock });
  const opened = openSwarm(context, {
    infoHash,
    events: {
      onMetainfo() {},
      onFault() {},
      onPiece() {},
      onComplete() {},
      onSourceFault: (error) => {
        if (error.code === 'SHARE_CHANGED') withdraw(error);
        else logger.warn({ path: sourcePath, error: error.message }, 'a piece could not be read');
      },
    },
  });
  opened.swarm.activate(store);
  contents.hold(infoHash, store);
  const progress = reportProgress(clock, opened.swarm, store, emit);
  const watching = repeat(clock, SOURCE_WATCH_INTERVAL_MS, () => {
    store.check().catch((error: unknown) => {
      if (error instanceof LanshareError && error.code === 'SHARE_CHANGED') withdraw(error);
    });
  });

  let closed: Promise<void> | undefined;
  const close = (reason: 'closing' | 'withdrawn' = 'closing'): Promise<void> => {
    closed ??= (async () => {
      watching.cancel();
      progress.stop();
      await opened.close(reason);
      await store.close();
    })();
    return closed;
  };
  function withdraw(error: LanshareError): void {
    if (closed !== undefined) return;
    void close('withdrawn');
    emit({ event: 'withdrawn', infoHash, path: sourcePath, error });
  }

  emit({ event: 'sharing', metainfo, path: sourcePath, port: context.local.port });
  return {
    metainfo,
    path: sourcePath,
    get uploadedBytes() {
      return opened.swarm.counters.uploadedBytes;
    },
    close: () => close(),
  };
}

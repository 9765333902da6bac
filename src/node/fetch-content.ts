import type { Metainfo } from '../metainfo/metainfo.ts';
import { checkOutFolder } from '../storage/out-folder.ts';
import { makeTemporaryFolder } from '../storage/temporary-folder.ts';
import type { FetchOptions, FetchResult, FetchTarget } from './api.ts';
import type { NodeContext } from './context.ts';
import { download, watch } from './download.ts';
import { beginFetch, type FetchRun, interrupted } from './fetch-run.ts';
import { joinSwarm, type Target } from './join-swarm.ts';
import { lookOnDisk, openStore } from './look-on-disk.ts';
import { resolveTarget } from './resolve-target.ts';
import { wantedContent } from './wanted-content.ts';
import { tellSearching } from './watch-fetch.ts';

/** From a name, a hash, a link or a .torrent to the content, or the chosen files of it, under its final name. */
export async function fetchContent(
  context: NodeContext,
  wanted: FetchTarget,
  options: FetchOptions,
): Promise<FetchResult> {
  const run = beginFetch(context, options);
  try {
    const out = await placeFor(run);
    const stopSearching = tellSearching(context, wanted);
    run.scope.add(stopSearching);
    const target = await resolveTarget(run, wanted, stopSearching);
    return await (target.metainfo === undefined
      ? fetchUndescribed(run, target, out, stopSearching)
      : fetchDescribed(run, target, target.metainfo, out, stopSearching));
  } catch (error) {
    // Why the fetch failed is what the user has to know, not what failed after it.
    await run.scope.close().catch((fault: unknown) => {
      context.logger.warn({ fault }, 'could not tidy up after the fetch');
    });
    throw run.signal.aborted ? interrupted() : error;
  }
}

/** Where the content goes; for a sink, a folder that is taken away again. */
async function placeFor({ options, scope }: FetchRun): Promise<string> {
  if (options.sink === undefined) {
    const out = options.out ?? '.';
    await checkOutFolder(out);
    return out;
  }
  const folder = await makeTemporaryFolder();
  scope.add(() => folder.remove());
  return folder.path;
}

/** With the metainfo at hand, a look at the disk may end it before anybody is asked. */
async function fetchDescribed(
  run: FetchRun,
  target: Target,
  metainfo: Metainfo,
  out: string,
  stopSearching: () => void,
): Promise<FetchResult> {
  tellResolved(run, target, metainfo);
  const wanted = wantedContent(run, target, metainfo, out);
  const onDisk = await lookOnDisk(run, wanted);
  if (onDisk.kind === 'done') return onDisk.result;
  const received = joinSwarm(run, target, stopSearching);
  const store = onDisk.kind === 'begun' ? onDisk.store : await openStore(run, wanted);
  return download(run, received, wanted, store);
}

async function fetchUndescribed(
  run: FetchRun,
  target: Target,
  out: string,
  stopSearching: () => void,
): Promise<FetchResult> {
  tellResolved(run, target, undefined);
  const received = target.joined ?? joinSwarm(run, target, stopSearching);
  const stopWatching = watch(run, received.swarm, target.name);
  const metainfo = await Promise.race([received.metainfo.promise, run.failure.promise]);
  stopWatching();
  tellResolved(run, target, metainfo);
  const wanted = wantedContent(run, target, metainfo, out);
  const onDisk = await lookOnDisk(run, wanted);
  if (onDisk.kind === 'done') return onDisk.result;
  const store = onDisk.kind === 'begun' ? onDisk.store : await openStore(run, wanted);
  return download(run, received, wanted, store);
}

function tellResolved(
  { context }: FetchRun,
  { infoHash, name }: Target,
  metainfo: Metainfo | undefined,
): void {
  context.emit({ event: 'resolved', infoHash, name: metainfo?.name ?? name, metainfo });
}

import type { ContentStore } from '../storage/content-store.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { FetchResult } from './api.ts';
import { askWebSeeds } from './ask-web-seeds.ts';
import { tellDone } from './fetch-result.ts';
import type { FetchRun } from './fetch-run.ts';
import type { Received } from './join-swarm.ts';
import { reportProgress } from './report-progress.ts';
import { seedAfterFetch } from './seed-after-fetch.ts';
import { StreamInOrder } from './stream-in-order.ts';
import { onlyFile, type WantedContent } from './wanted-content.ts';
import { watchProgress } from './watch-fetch.ts';

type Sink = (bytes: Uint8Array) => Promise<void>;

/** Gets what the store lacks from the swarm, gives it its name, and serves it afterwards. */
export async function download(
  run: FetchRun,
  received: Received,
  wanted: WantedContent,
  store: ContentStore,
): Promise<FetchResult> {
  const { context, options, scope, failure, signal } = run;
  const { metainfo } = wanted;
  const { infoHash } = metainfo;
  const { swarm, complete } = received;
  // What has arrived is still being written to the store.
  scope.add(() => swarm.close());
  tellResuming(run, store);
  received.onPiece = () => context.contents.grew(infoHash);
  const streamed =
    options.sink === undefined ? undefined : stream(run, received, wanted, store, options.sink);
  received.activate(store);
  scope.add(askWebSeeds(context, swarm, metainfo, received.sources.webSeeds));
  watch(run, swarm, metainfo.name);
  context.contents.hold(infoHash, store);
  const progress = reportProgress(context.clock, swarm, store, context.emit);
  scope.add(() => progress.stop());
  if (!store.goal.reached) await Promise.race([complete.promise, failure.promise]);
  await Promise.race([streamed, failure.promise]);
  if (options.sink === undefined) await store.finish();
  context.contents.changed(infoHash);
  progress.tell();
  const result = await tellDone(run, wanted, store.goal, swarm);
  return {
    ...result,
    seeded: seedAfterFetch(context, swarm, store, options.seed, signal).finally(() => scope.close()),
  };
}

/** Only while it is up to others: looking through an earlier run's pieces may take longer than anybody waits. */
export function watch(
  { context, timeoutMs, scope, failure }: FetchRun,
  swarm: Swarm,
  name: string,
): () => void {
  const stop = watchProgress(context, swarm, name, timeoutMs, (error) => failure.reject(error));
  scope.add(stop);
  return stop;
}

function tellResuming({ context }: FetchRun, { goal, metainfo }: ContentStore): void {
  const { bytesDone, bytesTotal } = goal;
  if (bytesDone === 0) return;
  context.emit({ event: 'resuming', infoHash: metainfo.infoHash, bytesDone, bytesTotal });
}

function stream(
  { failure, signal }: FetchRun,
  received: Received,
  wanted: WantedContent,
  store: ContentStore,
  sink: Sink,
): Promise<void> {
  const streaming = new StreamInOrder(store, onlyFile(wanted), sink);
  const { onPiece } = received;
  received.onPiece = () => {
    onPiece();
    streaming.onPiece();
  };
  const done = streaming.run(signal);
  done.catch((error: unknown) => failure.reject(error));
  return done;
}

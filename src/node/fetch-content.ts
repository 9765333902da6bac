import { join } from 'node:path';
import { LanshareError } from '../errors.ts';
import { DEFAULT_FETCH_TIMEOUT_SECONDS } from '../limits.ts';
import { expectedPiece } from '../metainfo/expected-piece.ts';
import { allPieces, type InfoHash, type Metainfo } from '../metainfo/metainfo.ts';
import type { ContentStore } from '../storage/content-store.ts';
import { checkExisting } from '../storage/existing-content.ts';
import { checkOutFolder } from '../storage/out-folder.ts';
import { openPart } from '../storage/part/open-part.ts';
import { makeTemporaryFolder } from '../storage/temporary-folder.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { FetchOptions, FetchResult, FetchTarget } from './api.ts';
import { askWebSeeds } from './ask-web-seeds.ts';
import type { NodeContext } from './context.ts';
import { type GivenSources, givenSources, NO_SOURCES } from './given-sources.ts';
import { openSwarm } from './open-swarm.ts';
import { reportProgress } from './report-progress.ts';
import { refuseWithoutWay, resolveName } from './resolve-name.ts';
import { Deferred, Scope } from './scope.ts';
import { seedAfterFetch } from './seed-after-fetch.ts';
import { StreamInOrder } from './stream-in-order.ts';
import { targetName } from './target-name.ts';
import { tellSearching, watchProgress } from './watch-fetch.ts';

/** One fetch: what is wanted, how, and what it has opened. */
interface Fetch {
  readonly context: NodeContext;
  readonly options: FetchOptions;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly startedAt: number;
  readonly scope: Scope;
  /** Rejects with the first reason why the fetch cannot go on. */
  readonly failure: Deferred<never>;
}

interface Target {
  readonly infoHash: InfoHash;
  /** As the user knows it. */
  readonly name: string;
  readonly metainfo: Metainfo | undefined;
  readonly sources: GivenSources;
  /** The swarm, where it was joined before the name was certain. */
  readonly joined?: Received | undefined;
}

/** From a name, a hash or a .torrent to the whole content under its final name. */
export async function fetchContent(
  context: NodeContext,
  wanted: FetchTarget,
  options: FetchOptions,
): Promise<FetchResult> {
  const fetch = begin(context, options);
  try {
    const out = await placeFor(fetch);
    const stopSearching = tellSearching(context, wanted);
    fetch.scope.add(stopSearching);
    const target = await resolveTarget(fetch, wanted, stopSearching);
    return await (target.metainfo === undefined
      ? fetchUndescribed(fetch, target, out, stopSearching)
      : fetchDescribed(fetch, target, target.metainfo, out, stopSearching));
  } catch (error) {
    // Why the fetch failed is what the user has to know, not what failed after it.
    await fetch.scope.close().catch((fault: unknown) => {
      context.logger.warn({ fault }, 'could not tidy up after the fetch');
    });
    throw fetch.signal.aborted ? interrupted() : error;
  }
}

function begin(context: NodeContext, options: FetchOptions): Fetch {
  const signal =
    options.signal === undefined ? context.closing : AbortSignal.any([context.closing, options.signal]);
  const scope = new Scope();
  const failure = new Deferred<never>();
  const onAbort = (): void => failure.reject(interrupted());
  signal.addEventListener('abort', onAbort, { once: true });
  scope.add(() => signal.removeEventListener('abort', onAbort));
  if (signal.aborted) onAbort();
  const timeoutMs = options.timeoutMs ?? DEFAULT_FETCH_TIMEOUT_SECONDS * 1000;
  return { context, options, timeoutMs, signal, startedAt: context.clock.now(), scope, failure };
}

/** Where the content goes; for a sink, a folder that is taken away again. */
async function placeFor({ options, scope }: Fetch): Promise<string> {
  if (options.sink === undefined) {
    const out = options.out ?? '.';
    await checkOutFolder(out);
    return out;
  }
  const folder = await makeTemporaryFolder();
  scope.add(() => folder.remove());
  return folder.path;
}

async function resolveTarget(fetch: Fetch, wanted: FetchTarget, stopSearching: () => void): Promise<Target> {
  const sources = givenSources(wanted);
  const name = targetName(wanted);
  switch (wanted.kind) {
    case 'torrent': {
      const { metainfo } = wanted.torrent;
      return { infoHash: metainfo.infoHash, name, metainfo, sources };
    }
    case 'magnet': {
      const { infoHash, select } = wanted.magnet;
      if (select !== undefined)
        fetch.context.emit({
          event: 'warning',
          message: 'the link asks for some of the files (so=): all are fetched',
        });
      return { infoHash, name, metainfo: undefined, sources };
    }
    case 'infoHash':
      return { infoHash: wanted.infoHash, name, metainfo: undefined, sources };
    case 'name':
      return resolveByName(fetch, name, stopSearching);
  }
}

/**
 * The swarm of the first answer is joined at once: links and metainfo are there when it is certain that the name
 * means nothing else. Pieces are asked for only then.
 */
async function resolveByName(fetch: Fetch, wanted: string, stopSearching: () => void): Promise<Target> {
  const { context, timeoutMs, signal, failure } = fetch;
  refuseWithoutWay(context);
  let early: (Target & { readonly joined: Received }) | undefined;
  const found = resolveName(context, wanted, timeoutMs, signal, ({ infoHash, name }) => {
    if (context.contents.swarm(infoHash) !== undefined) return;
    const target = { infoHash, name, metainfo: undefined, sources: NO_SOURCES };
    early = { ...target, joined: joinSwarm(fetch, target, stopSearching) };
  });
  const { infoHash, name } = await Promise.race([found, failure.promise]);
  if (early?.infoHash === infoHash) return early;
  await early?.joined.leave();
  return { infoHash, name, metainfo: undefined, sources: NO_SOURCES };
}

/** With the metainfo at hand, a look at the disk may end it before anybody is asked. */
async function fetchDescribed(
  fetch: Fetch,
  target: Target,
  metainfo: Metainfo,
  out: string,
  stopSearching: () => void,
): Promise<FetchResult> {
  tellResolved(fetch, target, metainfo);
  const there = await findExisting(fetch, metainfo, out);
  if (there !== undefined) return there;
  const received = joinSwarm(fetch, target, stopSearching);
  return download(fetch, received, metainfo, out);
}

async function fetchUndescribed(
  fetch: Fetch,
  target: Target,
  out: string,
  stopSearching: () => void,
): Promise<FetchResult> {
  tellResolved(fetch, target, undefined);
  const received = target.joined ?? joinSwarm(fetch, target, stopSearching);
  const stopWatching = watch(fetch, received.swarm, target.name);
  const metainfo = await Promise.race([received.metainfo.promise, fetch.failure.promise]);
  stopWatching();
  refuseUnverifiable(metainfo);
  tellResolved(fetch, target, metainfo);
  const there = await findExisting(fetch, metainfo, out);
  return there ?? download(fetch, received, metainfo, out);
}

/** The hashes of a v2 torrent's pieces stand beside its info dictionary, which is all that a link gives. */
function refuseUnverifiable(metainfo: Metainfo): void {
  if (metainfo.version !== 'v2') return;
  for (const index of allPieces(metainfo.pieceCount)) {
    if (expectedPiece(metainfo, index).kind !== 'unknown') continue;
    throw new LanshareError(
      'NOT_A_TORRENT',
      `${metainfo.name} is of BitTorrent v2 alone, and an info-hash or magnet link does not give the hashes of its pieces`,
      'fetch it with its .torrent file',
    );
  }
}

function tellResolved({ context }: Fetch, { infoHash, name }: Target, metainfo: Metainfo | undefined): void {
  context.emit({ event: 'resolved', infoHash, name: metainfo?.name ?? name, metainfo });
}

/** The same content under its final name is a fetch that is done. Rejects where something else is there. */
async function findExisting(fetch: Fetch, metainfo: Metainfo, out: string): Promise<FetchResult | undefined> {
  if (fetch.options.sink !== undefined) {
    if (metainfo.kind === 'file') return undefined;
    throw new LanshareError(
      'USAGE',
      `${metainfo.name} is a folder: only a single file can go to stdout`,
      'leave out --stdout',
    );
  }
  if ((await checkExisting(metainfo, out, { signal: fetch.signal })) === 'absent') return undefined;
  const result = summary(fetch, metainfo, join(out, metainfo.name), undefined);
  tellDone(fetch, result);
  await fetch.scope.close();
  return result;
}

/** What comes from the swarm while it is joined. */
interface Received {
  readonly swarm: Swarm;
  readonly metainfo: Deferred<Metainfo>;
  readonly complete: Deferred<void>;
  /** Set once the content has a place. */
  onPiece: () => void;
  readonly sources: GivenSources;
  leave(): Promise<void>;
}

function joinSwarm(fetch: Fetch, target: Target, stopSearching: () => void): Received {
  const { infoHash, name, sources } = target;
  const { context, options, scope, failure } = fetch;
  if (context.contents.swarm(infoHash) !== undefined) {
    throw new LanshareError(
      'USAGE',
      `${name} is being shared or fetched by this node already`,
      'wait until it is done',
    );
  }
  const isTracked = sources.trackers.length + context.trackers.length + sources.webSeeds.length > 0;
  if (!isTracked) refuseWithoutWay({ finder: context.finder, peers: [...context.peers, ...sources.peers] });
  const metainfo = new Deferred<Metainfo>();
  const complete = new Deferred<void>();
  const opened = openSwarm(context, {
    infoHash,
    peers: sources.peers,
    trackers: sources.trackers,
    private: target.metainfo?.private ?? false,
    order: options.sink === undefined ? (options.order ?? 'rarest first') : 'in order',
    events: {
      onMetainfo: (arrived) => metainfo.resolve(arrived),
      onFault: (error) => failure.reject(error),
      onComplete: () => complete.resolve(),
      onPiece: () => {
        stopSearching();
        received.onPiece();
      },
      onSourceFault: (error) => context.logger.warn({ error: error.message }, 'a piece could not be read'),
    },
  });
  const joined = new Scope();
  joined.add(() => opened.close());
  joined.add(opened.seekPeers());
  const leave = (): Promise<void> => joined.close();
  scope.add(leave);
  const received: Received = { swarm: opened.swarm, metainfo, complete, onPiece() {}, sources, leave };
  return received;
}

/** Only while it is up to others: looking through an earlier run's pieces may take longer than anybody waits. */
function watch({ context, timeoutMs, scope, failure }: Fetch, swarm: Swarm, name: string): () => void {
  const stop = watchProgress(context, swarm, name, timeoutMs, (error) => failure.reject(error));
  scope.add(stop);
  return stop;
}

async function download(
  fetch: Fetch,
  received: Received,
  metainfo: Metainfo,
  out: string,
): Promise<FetchResult> {
  const { context, options, scope, failure, signal } = fetch;
  const { infoHash, length: bytesTotal } = metainfo;
  const { swarm, complete } = received;
  const store = await openPart({
    metainfo,
    outDir: out,
    clock: context.clock,
    logger: context.logger,
    signal,
  });
  scope.add(async () => {
    // What has arrived is still being written to it.
    await swarm.close();
    await store.close();
  });
  if (store.have.count > 0) {
    const bytesDone = Math.min(store.have.count * metainfo.pieceLength, bytesTotal);
    context.emit({ event: 'resuming', infoHash, bytesDone, bytesTotal });
  }
  received.onPiece = () => context.contents.grew(infoHash);
  const streamed = options.sink === undefined ? undefined : stream(fetch, received, store, options.sink);
  swarm.activate(store);
  scope.add(askWebSeeds(context, swarm, metainfo, received.sources.webSeeds));
  watch(fetch, swarm, metainfo.name);
  context.contents.hold(infoHash, store);
  const progress = reportProgress(context.clock, swarm, store, context.emit);
  scope.add(() => progress.stop());
  if (!store.have.complete) await Promise.race([complete.promise, failure.promise]);
  await Promise.race([streamed, failure.promise]);
  const path = options.sink === undefined ? await store.finish() : '';
  context.contents.changed(infoHash);
  const result = summary(fetch, metainfo, path, swarm);
  progress.tell();
  tellDone(fetch, result);
  return {
    ...result,
    seeded: seedAfterFetch(context, swarm, metainfo, options.seed, signal).finally(() => scope.close()),
  };
}

function stream(
  { failure, signal }: Fetch,
  received: Received,
  store: ContentStore,
  sink: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const streaming = new StreamInOrder(store, sink);
  const { onPiece } = received;
  received.onPiece = () => {
    onPiece();
    streaming.onPiece();
  };
  const done = streaming.run(signal);
  done.catch((error: unknown) => failure.reject(error));
  return done;
}

function summary(fetch: Fetch, metainfo: Metainfo, path: string, swarm: Swarm | undefined): FetchResult {
  return {
    metainfo,
    path,
    bytes: metainfo.length,
    downloadedBytes: swarm?.counters.downloadedBytes ?? 0,
    seconds: (fetch.context.clock.now() - fetch.startedAt) / 1000,
    peers: swarm?.counters.contributors.size ?? 0,
    alreadyThere: swarm === undefined,
    seeded: Promise.resolve(),
  };
}

function tellDone({ context }: Fetch, result: FetchResult): void {
  const { metainfo, path, bytes, downloadedBytes, seconds, peers, alreadyThere } = result;
  const { infoHash, name } = metainfo;
  context.emit({ event: 'done', infoHash, name, path, bytes, downloadedBytes, seconds, peers, alreadyThere });
}

function interrupted(): LanshareError {
  return new LanshareError(
    'INTERRUPTED',
    'the fetch was interrupted',
    'run the same command again to go on where it stopped',
  );
}

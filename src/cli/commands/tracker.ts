import { resolve } from 'node:path';
import { TRACKER_INTERVAL_DEFAULT_SECONDS } from '../../limits.ts';
import { systemRandom } from '../../platform/random.ts';
import { peerLifetimeSeconds } from '../../tracker-server/registry/lifetime.ts';
import { readStoreUrl } from '../../tracker-server/store/store-url.ts';
import type { TrackerServer, TrackerServerEvent } from '../../tracker-server/tracker-server-api.ts';
import { aborted } from '../aborted.ts';
import type { Context } from '../context.ts';
import { given } from '../given.ts';
import type { TrackerFlags } from '../options/invocation.ts';
import { fromTracker } from '../output/tracker-server/from-tracker.ts';
import { openTrackerLog, openTrackerView } from '../output/tracker-server/open-tracker-view.ts';
import { handOutTorrents, readServedInputs, type ServedInput } from './served-torrents.ts';

/** Runs a tracker until the signal aborts, its normal end (0). With files, it serves only these. */
export async function tracker(
  context: Context,
  files: readonly string[],
  flags: TrackerFlags,
): Promise<number> {
  const { signal } = context;
  const storeUrl = storeUrlIn(flags.store, context.host.cwd);
  // What is wrong with it is told before anything is hashed.
  readStoreUrl(storeUrl);
  const inputs = await readServedInputs(context, files);
  const news = new LateNews();
  const logging = { ...context, logger: await openTrackerLog(context, flags) };
  const server = await startServer(logging, flags, inputs, storeUrl, (event) => news.tell(event));
  try {
    await handOutTorrents(context, inputs, server);
    const { interfaceSource } = await context.host.surroundings();
    const view = await openTrackerView(logging, flags, server);
    try {
      const outward = interfaceSource().filter(({ kind }) => kind !== 'loopback');
      news.tellTo((event) => view.take(fromTracker(event, outward)));
      await aborted(signal);
      await server.close();
    } finally {
      view.finish();
    }
  } finally {
    await server.close();
  }
  return 0;
}

async function startServer(
  { host, logger, signal }: Context,
  flags: TrackerFlags,
  inputs: readonly ServedInput[],
  storeUrl: string,
  onEvent: (event: TrackerServerEvent) => void,
): Promise<TrackerServer> {
  const { port, host: address, interval, allowPublic, whitelist, mdns } = flags;
  const { clock, cwd } = host;
  const intervalSeconds =
    interval === undefined ? TRACKER_INTERVAL_DEFAULT_SECONDS : Math.round(interval / 1000);
  const keepSeconds = peerLifetimeSeconds(intervalSeconds);
  const store = await host.openStore(storeUrl, { clock, random: systemRandom, keepSeconds, signal });
  return host.createTrackerServer({
    ...given({ port, host: address, allowPublic, store }),
    ...(whitelist === undefined ? {} : { whitelist: resolve(cwd, whitelist) }),
    contents: inputs.map(({ metainfo }) => metainfo),
    intervalSeconds,
    mdns,
    clock,
    logger,
    signal,
    onEvent,
  });
}

/** A relative path starts from the current directory. */
function storeUrlIn(text: string | undefined, cwd: string): string {
  const path = /^sqlite:([^/:].*)$/s.exec(text ?? '')?.[1];
  return path === undefined ? (text ?? 'memory') : `sqlite:${resolve(cwd, path)}`;
}

/** What happens before there is a view to show it is shown when there is one. */
class LateNews {
  readonly #early: TrackerServerEvent[] = [];
  #show: ((event: TrackerServerEvent) => void) | undefined;

  tell(event: TrackerServerEvent): void {
    if (this.#show === undefined) this.#early.push(event);
    else this.#show(event);
  }

  tellTo(show: (event: TrackerServerEvent) => void): void {
    this.#show = show;
    for (const event of this.#early.splice(0)) show(event);
  }
}

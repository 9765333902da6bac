import { DEFAULT_TRACKER_PORT, MAX_CONTENTS_ON_PAGE, TRACKER_INTERVAL_DEFAULT_SECONDS } from '../limits.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import { systemClock } from '../platform/clock.ts';
import { systemInterfaces } from '../platform/interfaces.ts';
import { silentLogger } from '../platform/logger.ts';
import { systemRandom } from '../platform/random.ts';
import { addressScope, isServed } from './access/address-scope.ts';
import { ownAddresses } from './access/own-addresses.ts';
import { ServedContents, servedContent } from './access/served-contents.ts';
import { openWhitelist } from './access/whitelist.ts';
import { busiestContents } from './busiest-contents.ts';
import { Closers } from './closers.ts';
import { HttpAnswers } from './http/http-answers.ts';
import { throwIfInterrupted } from './interrupted.ts';
import { listenAddress } from './listen-address.ts';
import { listenForBoth, type TrackerPorts } from './listen-for-both.ts';
import { infoHashOf } from './registry/info-hash-words.ts';
import { Matchmaker } from './registry/matchmaker.ts';
import { Registry } from './registry/registry.ts';
import type { Swarm } from './registry/swarm.ts';
import { sweepRegularly } from './registry/sweeping.ts';
import { announceOnLan } from './rendezvous/announce-on-lan.ts';
import { createRendezvous } from './rendezvous/rendezvous.ts';
import { keepInStore } from './store/keep-in-store.ts';
import type {
  TrackerServer,
  TrackerServerEvent,
  TrackerServerOptions,
  TrackerStats,
} from './tracker-server-api.ts';
import { trackerStats } from './tracker-stats.ts';
import { trackerUrls } from './tracker-urls.ts';
import { ConnectionIds } from './udp/connection-ids.ts';
import { UdpAnswers } from './udp/udp-answers.ts';
import { unixSeconds } from './unix-seconds.ts';

/**
 * Starts a tracker. Rejects with PORT_IN_USE or NETWORK, with a disk error for the whitelist folder, with what the store's
 * `load` says, or with INTERRUPTED; then nothing is left open.
 */
export async function createTrackerServer(options: TrackerServerOptions = {}): Promise<TrackerServer> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** What is opened last is closed first: what arrives until the ports are closed is saved. */
async function start(options: TrackerServerOptions, closers: Closers): Promise<TrackerServer> {
  const settings: Settings = {
    ...DEFAULTS,
    ...options,
    host: listenAddress(options.host),
    tell: options.onEvent ?? (() => {}),
  };
  const { host, clock, logger, interfaceSource, tell, signal } = settings;
  const nowSeconds = unixSeconds(clock);
  if (options.store !== undefined) closers.add(options.store.close.bind(options.store));
  const { served, registry } = await openRegistry(settings, closers);
  const kept = await keptIn(settings, registry, nowSeconds, closers);

  const protocols = protocolsOf(settings, registry, served, nowSeconds);
  const { matchmaker, udpAnswers, httpAnswers, rendezvous, nameOf } = protocols;
  const startedAt = clock.now();
  const torrents = new Map<string, Uint8Array>();
  /** Undefined until they are open; the first request may come a moment earlier. */
  let listening: TrackerPorts | undefined;
  const facts: Pick<TrackerServer, 'stats' | 'contents'> = {
    stats: () =>
      trackerStats({
        uptimeMs: clock.now() - startedAt,
        registry,
        matches: matchmaker.matches,
        udp: udpAnswers.counts,
        http: httpAnswers.counts,
        unsent: listening?.udp.unsent ?? 0,
        store: kept(),
      }),
    contents: (most) => busiestContents(registry.swarms, most, nameOf),
  };

  throwIfInterrupted(signal);
  const udp = { host, answers: udpAnswers, nowSeconds, others: rendezvous.datagrams };
  const sources = { ...facts, torrents: () => torrents };
  const http = { host, answers: httpAnswers, sources, clock, logger };
  const ports = await listenForBoth(settings.port, udp, http);
  listening = ports;
  closers.add(() => ports.close());
  rendezvous.begin(ports.udp);
  closers.add(() => rendezvous.close());
  if (settings.mdns) closers.add(await announceOnLan({ ...settings, port: ports.port }));
  const sweeping = sweepRegularly(registry, clock, nowSeconds);
  closers.add(async () => sweeping.cancel());

  const { port } = ports;
  const urls = (): readonly string[] => trackerUrls(interfaceSource(), host, port, settings.allowPublic);
  tell({ event: 'listening', port, urls: urls() });
  return {
    ...facts,
    port,
    urls,
    handOut: (fileName, torrent) => void torrents.set(fileName, torrent),
    close: () => closers.close(),
  };
}

const DEFAULTS = {
  port: DEFAULT_TRACKER_PORT,
  intervalSeconds: TRACKER_INTERVAL_DEFAULT_SECONDS,
  allowPublic: false,
  contents: [],
  mdns: true,
  clock: systemClock,
  random: systemRandom,
  interfaceSource: systemInterfaces,
  logger: silentLogger,
} as const satisfies TrackerServerOptions;

type Settings = Omit<TrackerServerOptions, 'host'> &
  Required<Pick<TrackerServerOptions, keyof typeof DEFAULTS>> & {
    readonly host: string | undefined;
    readonly tell: (event: TrackerServerEvent) => void;
  };

async function openRegistry(
  { contents, whitelist: directory, allowPublic, store, intervalSeconds, clock, random, tell }: Settings,
  closers: Closers,
) {
  const served = new ServedContents(contents.map(servedContent), directory !== undefined);
  const registry = new Registry({
    random,
    intervalSeconds,
    tracks: (infoHash) => served.serves(infoHashOf(infoHash)),
    serves: (address, family) => isServed(addressScope(address, family), allowPublic),
    saves: store !== undefined,
  });
  if (directory === undefined) return { served, registry };
  const whitelist = await openWhitelist({
    directory,
    clock,
    onContents(contents) {
      served.setWhitelist(contents);
      registry.forgetUntracked();
    },
    onWarning: (message) => tell({ event: 'warning', message }),
  });
  closers.add(() => whitelist.close());
  return { served, registry };
}

/** How the store is doing, at any time. */
async function keptIn(
  { store, ...settings }: Settings,
  registry: Registry,
  nowSeconds: () => number,
  closers: Closers,
): Promise<() => TrackerStats['store']> {
  if (store === undefined) return () => ({ kind: 'memory', unsaved: 0, fault: undefined });
  const writer = await keepInStore({ ...settings, store, registry, nowSeconds }, closers);
  return () => ({ kind: store.kind, unsaved: writer.unsaved, fault: writer.fault?.message });
}

function protocolsOf(
  { intervalSeconds, allowPublic, clock, random, logger, interfaceSource, tell }: Settings,
  registry: Registry,
  served: ServedContents,
  nowSeconds: () => number,
) {
  const rendezvous = createRendezvous({
    clock,
    random,
    logger,
    interfaceSource,
    unnamed: () => busiestWithout(registry.swarms, (infoHash) => served.nameOf(infoHash)),
  });
  // A .torrent proves it; what nodes say does not.
  const nameOf = (infoHash: InfoHash): string | undefined =>
    served.nameOf(infoHash) ?? rendezvous.nameOf(infoHash);
  const matchmaker = new Matchmaker({
    registry,
    ownAddress: ownAddresses(interfaceSource),
    allowPublic,
    onMatched: (match) => tell({ event: 'matched', name: nameOf(match.infoHash), ...match }),
  });
  const connectionIds = new ConnectionIds(random, nowSeconds());
  return {
    matchmaker,
    udpAnswers: new UdpAnswers({ matchmaker, connectionIds, intervalSeconds }),
    httpAnswers: new HttpAnswers({ matchmaker, intervalSeconds, nowSeconds }),
    rendezvous,
    nameOf,
  };
}

/** Contents that have no name, of those that a page shows. */
function busiestWithout(
  swarms: Iterable<Swarm>,
  nameOf: (infoHash: InfoHash) => string | undefined,
): readonly InfoHash[] {
  const busiest = busiestContents(swarms, MAX_CONTENTS_ON_PAGE, nameOf);
  return busiest.filter(({ name }) => name === undefined).map(({ infoHash }) => infoHash);
}

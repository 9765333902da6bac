import { inBackground } from '../discovery/background-discovery.ts';
import { LanshareError } from '../errors.ts';
import { defaultCacheDirectory } from '../hashing/cache-directory.ts';
import { createPieceHasher } from '../hashing/piece-hasher.ts';
import { type PeerId, peerIdFromBytes } from '../holdings/holding.ts';
import { DEFAULT_NODE_PORT, LIST_WAIT_MS, SERVE_BUFFERS_BYTES, SERVE_SLICE_BYTES } from '../limits.ts';
import { BufferPool } from '../peer/buffer-pool.ts';
import type { LocalPeer } from '../peer/link-setup.ts';
import { TokenBucket } from '../pieces/token-bucket.ts';
import { systemClock } from '../platform/clock.ts';
import type { Endpoint } from '../platform/endpoint.ts';
import { silentLogger } from '../platform/logger.ts';
import type { Connection, Listener, Network } from '../platform/network.ts';
import { type Random, systemRandom } from '../platform/random.ts';
import { tcpNetwork } from '../platform/tcp-network.ts';
import { Acceptor } from './acceptor.ts';
import type {
  DiscoveryFactory,
  FetchOptions,
  FetchResult,
  FetchTarget,
  LanshareNode,
  Listing,
  NodeOptions,
  NodePlatform,
  Share,
  ShareOptions,
} from './api.ts';
import { Contents } from './contents.ts';
import type { NodeContext } from './context.ts';
import { fetchContent } from './fetch-content.ts';
import { Finder } from './finder.ts';
import { listContents } from './list-contents.ts';
import { shareContent } from './share-content.ts';

/** BEP 20: client and version in front of a random rest. */
const PEER_ID_PREFIX = '-LS0100-';

/** Starts a node: it listens, and looks for peers, until it is closed. */
export async function createNode(options: NodeOptions = {}): Promise<LanshareNode> {
  const platform = platformOf(options);
  const closing = new AbortController();
  const peerId = makePeerId(platform.random);
  const waiting: Connection[] = [];
  let accept = (connection: Connection): void => void waiting.push(connection);
  const listener = await listen(platform.network, options, (connection) => accept(connection));
  const local: LocalPeer = { peerId, port: listener.port };
  const logger = options.logger ?? silentLogger;
  const finder = await openFinder(options, platform, local).catch(async (error: unknown) => {
    // Who was quick enough to connect would keep the listener open.
    for (const connection of waiting) connection.destroy();
    await listener.close();
    throw error;
  });
  const buffers = new BufferPool(SERVE_SLICE_BYTES, SERVE_BUFFERS_BYTES);
  const contents = new Contents(local, finder, platform.clock);
  const acceptor = new Acceptor({
    local,
    clock: platform.clock,
    logger,
    buffers,
    swarmOf: (infoHash) => contents.swarm(infoHash),
  });
  accept = (connection) => acceptor.accept(connection);
  for (const connection of waiting) accept(connection);

  const now = platform.clock.now();
  const context: NodeContext = {
    ...platform,
    local,
    logger,
    buffers,
    finder,
    contents,
    uploadLimit: new TokenBucket(options.limitUp ?? Number.POSITIVE_INFINITY, now),
    downloadLimit: new TokenBucket(options.limitDown ?? Number.POSITIVE_INFINITY, now),
    peers: options.peers ?? [],
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
    closing: closing.signal,
    emit: (event) => options.onEvent?.(event),
  };
  const interfaces = [...new Set(finder.reports().flatMap((report) => report.interfaces))];
  context.emit({ event: 'listening', port: listener.port, interfaces });
  return new RunningNode(context, listener, acceptor, closing, options.signal);
}

class RunningNode implements LanshareNode {
  readonly #context: NodeContext;
  readonly #listener: Listener;
  readonly #acceptor: Acceptor;
  readonly #closing: AbortController;
  /** Shares and fetches under way, which close by themselves when the node does. */
  readonly #shares = new Set<Share>();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(
    context: NodeContext,
    listener: Listener,
    acceptor: Acceptor,
    closing: AbortController,
    signal: AbortSignal | undefined,
  ) {
    this.#context = context;
    this.#listener = listener;
    this.#acceptor = acceptor;
    this.#closing = closing;
    if (signal?.aborted === true) void this.close();
    signal?.addEventListener('abort', () => void this.close(), { once: true, signal: closing.signal });
  }

  get port(): number {
    return this.#listener.port;
  }

  get peerId(): PeerId {
    return this.#context.local.peerId;
  }

  discovery() {
    return this.#context.finder.reports();
  }

  async share(path: string, options: ShareOptions = {}): Promise<Share> {
    this.#refuseClosed();
    const share = await this.#track(shareContent(this.#context, path, options));
    this.#shares.add(share);
    return share;
  }

  async fetch(what: FetchTarget, options: FetchOptions = {}): Promise<FetchResult> {
    this.#refuseClosed();
    const result = await this.#track(fetchContent(this.#context, what, options));
    void this.#track(result.seeded);
    return result;
  }

  async list(options: { waitMs?: number; signal?: AbortSignal } = {}): Promise<readonly Listing[]> {
    this.#refuseClosed();
    const { closing } = this.#context;
    const signal = options.signal === undefined ? closing : AbortSignal.any([closing, options.signal]);
    return this.#track(listContents(this.#context, options.waitMs ?? LIST_WAIT_MS, signal));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { finder, contents, hasher } = this.#context;
    this.#closing.abort(new LanshareError('INTERRUPTED', 'the node was closed'));
    contents.stop();
    const goodbye = finder.close();
    // A fetch that is whole still has its seeding to end.
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await Promise.allSettled([...this.#shares].map((share) => share.close()));
    this.#acceptor.close();
    await Promise.all([goodbye, this.#listener.close(), hasher.close()]);
  }

  #refuseClosed(): void {
    if (this.#closed !== undefined) throw new LanshareError('INTERRUPTED', 'the node is closed');
  }

  /** Closing waits for it. Its failure is the caller's to see. */
  #track<T>(work: Promise<T>): Promise<T> {
    const settled = work.then(
      () => {},
      () => {},
    );
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    return work;
  }
}

function platformOf(options: NodeOptions): NodePlatform {
  return {
    clock: systemClock,
    random: systemRandom,
    network: tcpNetwork,
    hasher: createPieceHasher(),
    discoveries: systemDiscoveries(options),
    ...options.platform,
  };
}

/**
 * The beacon answers first, so nobody waits for mDNS beside it: it opens in the background. Without its groups the
 * beacon still asks and answers by unicast: peers that were named, and nodes that mDNS found.
 */
function systemDiscoveries({ mdns = true, beacon: groups = true }: NodeOptions): DiscoveryFactory[] {
  let meet: (node: Endpoint) => void = () => {};
  const openBeacon: DiscoveryFactory = async (context) => {
    const { createBeacon } = await import('../discovery/beacon/beacon.ts');
    const beacon = await createBeacon({ ...context, groups });
    meet = (node) => beacon.meet(node);
    return beacon;
  };
  const openMdns: DiscoveryFactory = async (context) => {
    const { createMdns } = await import('../discovery/mdns/mdns.ts');
    return createMdns({ ...context, nodeHeard: (node) => meet(node) });
  };
  const mdnsInBackground: DiscoveryFactory = async (context) => inBackground('mdns', () => openMdns(context));
  if (!mdns) return [openBeacon];
  return [openBeacon, groups ? mdnsInBackground : openMdns];
}

function openFinder(options: NodeOptions, platform: NodePlatform, local: LocalPeer): Promise<Finder> {
  return Finder.open(platform.discoveries, {
    ...local,
    clock: platform.clock,
    random: platform.random,
    logger: options.logger ?? silentLogger,
    interfaces: options.interfaces,
    peers: options.peers ?? [],
  });
}

/** The port that was asked for; or the usual one of a sharer where it is free; or any. */
async function listen(
  network: Network,
  { port, preferDefaultPort = false }: NodeOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  if (port !== undefined) return network.listen(port, onConnection);
  if (!preferDefaultPort) return network.listen(0, onConnection);
  return network.listen(DEFAULT_NODE_PORT, onConnection).catch(() => network.listen(0, onConnection));
}

function makePeerId(random: Random): PeerId {
  return peerIdFromBytes(
    Buffer.concat([Buffer.from(PEER_ID_PREFIX, 'latin1'), random.bytes(20 - PEER_ID_PREFIX.length)]),
  );
}

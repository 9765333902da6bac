import { LanshareError } from '../errors.ts';
import { createIdentity, type Identity } from '../gossip/identity.ts';
import { defaultCacheDirectory } from '../hashing/cache-directory.ts';
import { createPieceHasher } from '../hashing/piece-hasher.ts';
import { DEFAULT_NODE_PORT, SERVE_BUFFERS_BYTES, SERVE_SLICE_BYTES } from '../limits.ts';
import { BufferPool } from '../peer/buffer-pool.ts';
import type { LocalPeer } from '../peer/link-setup.ts';
import { TokenBucket } from '../pieces/token-bucket.ts';
import { systemClock } from '../platform/clock.ts';
import { systemInterfaces, watchInterfaces } from '../platform/interfaces.ts';
import { silentLogger } from '../platform/logger.ts';
import type { Connection, Listener, Network } from '../platform/network.ts';
import { systemRandom } from '../platform/random.ts';
import { tcpNetwork } from '../platform/tcp-network.ts';
import { Acceptor } from './acceptor.ts';
import type { LanshareNode, NodeOptions, NodePlatform } from './api.ts';
import { Contents } from './contents.ts';
import type { NodeContext } from './context.ts';
import { Finder } from './finder.ts';
import { meetingPoint } from './meeting-point.ts';
import { HostEndpoints } from './own-endpoints.ts';
import { ownAddresses } from './routes.ts';
import { RunningNode } from './running-node.ts';
import { systemDiscoveries } from './system-discoveries.ts';
import { Tracking } from './tracking.ts';

/** Starts a node: it listens, and looks for peers, until it is closed. */
export async function createNode(options: NodeOptions = {}): Promise<LanshareNode> {
  if (options.signal?.aborted === true) throw new LanshareError('INTERRUPTED', 'the node was not started');
  const platform = platformOf(options);
  const closing = new AbortController();
  const identity = createIdentity(platform.random.bytes(32));
  const { peerId } = identity;
  const waiting: Connection[] = [];
  let accept = (connection: Connection): void => void waiting.push(connection);
  const listener = await listen(platform.network, options, (connection) => accept(connection));
  const local: LocalPeer = { peerId, port: listener.port };
  const logger = options.logger ?? silentLogger;
  const finder = await openFinder(options, platform, listener.port, identity).catch(
    async (error: unknown) => {
      // Who was quick enough to connect would keep the listener open.
      for (const connection of waiting) connection.destroy();
      await listener.close();
      throw error;
    },
  );
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

  const ownEndpoints = new HostEndpoints(listener.port, ownAddresses(systemInterfaces()));
  const now = platform.clock.now();
  const context: NodeContext = {
    ...platform,
    local,
    logger,
    buffers,
    finder,
    contents,
    tracking: new Tracking(platform),
    ownEndpoints,
    dialect: options.dialect,
    uploadLimit: new TokenBucket(options.limitUp ?? Number.POSITIVE_INFINITY, now),
    downloadLimit: new TokenBucket(options.limitDown ?? Number.POSITIVE_INFINITY, now),
    peers: options.peers ?? [],
    trackers: options.trackers ?? [],
    cacheDirectory: options.cacheDirectory ?? defaultCacheDirectory(),
    closing: closing.signal,
    emit: (event) => options.onEvent?.(event),
  };
  followNetwork(context, ownEndpoints);
  for (const tracker of context.trackers.flat()) {
    const place = meetingPoint(tracker);
    if (place !== undefined) finder.meetAt(place);
  }
  const interfaces = [...new Set(finder.reports().flatMap((report) => report.interfaces))];
  context.emit({ event: 'listening', port: listener.port, interfaces });
  return new RunningNode(context, listener, acceptor, closing, options.signal);
}

/** Links whose own address is gone end at once, and peers are tried by the ways that there are now. */
function followNetwork({ clock, contents, tracking, closing }: NodeContext, own: HostEndpoints): void {
  const watcher = watchInterfaces(clock, (interfaces) => {
    const addresses = ownAddresses(interfaces);
    own.networkChanged(addresses);
    contents.networkChanged(addresses);
    tracking.networkChanged();
  });
  closing.addEventListener('abort', () => watcher.cancel(), { once: true });
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

function openFinder(
  options: NodeOptions,
  platform: NodePlatform,
  port: number,
  identity: Identity,
): Promise<Finder> {
  return Finder.open(platform.discoveries, {
    identity,
    peerId: identity.peerId,
    port,
    network: platform.network,
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

import { peerIdToBytes } from '../holdings/holding.ts';
import type { InfoHash } from '../metainfo/metainfo.ts';
import type { Trackers } from '../trackers/trackers.ts';
import type { Swarm } from '../transfer/swarm.ts';
import type { NodeContext } from './context.ts';

/** A content's trackers, from when their code is loaded until they are told that this node has left. */
export interface SwarmTrackers {
  /** The content has been completed just now. */
  completed(): void;
  close(): Promise<void>;
}

/**
 * Tells the trackers of this node, and the swarm of the peers that they name. Most fetches on a LAN know of none, so
 * the code is loaded only where it is needed.
 */
export function announceToTrackers(
  context: NodeContext,
  swarm: Swarm,
  infoHash: InfoHash,
  tiers: readonly (readonly string[])[],
): SwarmTrackers {
  if (tiers.length === 0) return { completed() {}, close: async () => {} };
  let closed = false;
  const started = import('../trackers/trackers.ts').then(({ createTrackers }) =>
    closed ? undefined : createTrackers(optionsFor(context, swarm, infoHash, tiers)),
  );
  const whenStarted = async (use: (trackers: Trackers) => Promise<void> | void): Promise<void> => {
    const trackers = await started;
    if (trackers !== undefined) await use(trackers);
  };
  return {
    completed: () => void whenStarted((trackers) => trackers.completed()),
    async close() {
      closed = true;
      await whenStarted((trackers) => trackers.close());
    },
  };
}

function optionsFor(
  { local, clock, random, logger, emit }: NodeContext,
  swarm: Swarm,
  infoHash: InfoHash,
  tiers: readonly (readonly string[])[],
): Parameters<typeof import('../trackers/trackers.ts').createTrackers>[0] {
  return {
    infoHash,
    peerId: peerIdToBytes(local.peerId),
    port: local.port,
    tiers,
    clock,
    random,
    logger,
    statistics: () => ({
      uploaded: swarm.counters.uploadedBytes,
      downloaded: swarm.counters.downloadedBytes,
      left: swarm.bytesLeft,
    }),
    onPeers: (endpoints) => {
      for (const endpoint of endpoints) swarm.learn(endpoint, undefined, 'bittorrent');
    },
    onStatus: (trackers) => emit({ event: 'trackers', infoHash, trackers }),
  };
}
